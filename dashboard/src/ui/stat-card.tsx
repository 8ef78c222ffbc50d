import { Card } from '@heroui/react/card'
import { Skeleton } from '@heroui/react/skeleton'
import type { ReactNode } from 'react'
import type { Delta } from '../lib/delta.ts'
import { ArrowUpIcon } from './icons.tsx'

interface StatCardProps {
  title: string
  value: ReactNode
  /** Beside the number: how it stands to the time before. */
  delta?: ReactNode
  /** Below it: how it came to be. */
  spark?: ReactNode
  children?: ReactNode
}

/** One headline number with what stands behind it. */
export function StatCard({ title, value, delta, spark, children }: StatCardProps) {
  return (
    <Card className="gap-1 border border-border p-4">
      <div className="flex items-baseline justify-between gap-2">
        <h2 className="text-[13px] font-medium text-muted">{title}</h2>
        {delta}
      </div>
      <div className="text-2xl leading-8 font-semibold tracking-tight wrap-anywhere tabular-nums">{value}</div>
      {spark && <div className="-mx-1 my-0.5">{spark}</div>}
      {children && <div className="mt-auto pt-1 text-[13px] text-muted tabular-nums">{children}</div>}
    </Card>
  )
}

const SPOKEN = { up: 'up', down: 'down', same: '' }

/** "↑ 34 %", without a judgement: more is not worse. `against` says what it is compared with. */
export function DeltaMark({ delta, against }: { delta: Delta; against: string }) {
  if (delta.text === null) return null
  return (
    <span
      className="flex items-center gap-0.5 text-xs font-medium whitespace-nowrap text-muted tabular-nums"
      title={`Compared with ${against}`}
    >
      {delta.direction !== 'same' && (
        <ArrowUpIcon className={`size-3 ${delta.direction === 'down' ? 'rotate-180' : ''}`} />
      )}
      <span className="sr-only">{SPOKEN[delta.direction]}</span> {delta.text}
      <span className="sr-only"> compared with {against}</span>
    </span>
  )
}

/** The parts of a number, named: "In 1,204". */
export function Parts({ children }: { children: ReactNode }) {
  return <dl className="flex flex-wrap gap-x-4 gap-y-1">{children}</dl>
}
export function Part({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex gap-1.5 whitespace-nowrap">
      <dt>{name}</dt>
      <dd className="font-medium text-foreground">{children}</dd>
    </div>
  )
}

const CARDS = ['spend', 'tokens', 'requests', 'refusals']

export function CardsLoading() {
  return (
    <CardGrid>
      <span className="sr-only" role="status">
        The sums loading
      </span>
      {CARDS.map((card) => (
        <Card className="late h-[154px] gap-3 border border-border p-4" key={card}>
          <Skeleton className="h-3 w-20 rounded-md" />
          <Skeleton className="h-6 w-28 rounded-md" />
          <Skeleton className="h-7 w-full rounded-md" />
          <Skeleton className="h-3 w-40 max-w-full rounded-md" />
        </Card>
      ))}
    </CardGrid>
  )
}

export function CardGrid({ children }: { children: ReactNode }) {
  return <div className="grid gap-3 min-[34rem]:grid-cols-2 xl:grid-cols-4">{children}</div>
}
