import type { ReactNode } from 'react'
import { percentOf } from '../../lib/integer.ts'

export interface Share {
  readonly key: string
  readonly name: ReactNode
  readonly value: bigint
  /** The value, and what else is to be said of it. */
  readonly text: ReactNode
}

/** A short ranking: each with its part of the greatest as a bar under its name. */
export function ShareBars({ shares }: { shares: readonly Share[] }) {
  const greatest = shares.reduce((most, { value }) => (value > most ? value : most), 0n)
  return (
    <ol className="flex flex-col gap-3 text-[13px]">
      {shares.map(({ key, name, value, text }) => (
        <li key={key}>
          <div className="flex items-baseline gap-3">
            <span className="min-w-0">{name}</span>
            <span className="ms-auto shrink-0 tabular-nums">{text}</span>
          </div>
          <div aria-hidden="true" className="mt-1 h-1.5 rounded-full bg-default">
            <div
              className="h-full min-w-0.5 rounded-full bg-accent transition-[width] duration-300"
              style={{ width: `${percentOf(value, greatest)}%` }}
            />
          </div>
        </li>
      ))}
    </ol>
  )
}
