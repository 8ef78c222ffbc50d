import { Card } from '@heroui/react/card'
import { Skeleton } from '@heroui/react/skeleton'
import type { ReactNode } from 'react'

interface StatCardProps {
  title: string
  value: ReactNode
  children?: ReactNode
}

/** One headline number with what stands behind it. */
export function StatCard({ title, value, children }: StatCardProps) {
  return (
    <Card className="gap-1 border border-border p-4">
      <h3 className="text-[13px] font-medium text-muted">{title}</h3>
      <div className="text-2xl leading-8 font-semibold tracking-tight wrap-anywhere tabular-nums">{value}</div>
      {children && <div className="mt-1.5 text-[13px] text-muted tabular-nums">{children}</div>}
    </Card>
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

export function CardsLoading() {
  return (
    <CardGrid>
      <span className="sr-only" role="status">
        Today’s sums loading
      </span>
      {['spend', 'tokens', 'requests', 'evidence'].map((card) => (
        <Card className="late h-[118px] gap-3 border border-border p-4" key={card}>
          <Skeleton className="h-3 w-20 rounded-md" />
          <Skeleton className="h-6 w-28 rounded-md" />
          <Skeleton className="h-3 w-40 max-w-full rounded-md" />
        </Card>
      ))}
    </CardGrid>
  )
}

export function CardGrid({ children }: { children: ReactNode }) {
  return <div className="grid gap-3 min-[30rem]:grid-cols-2 lg:grid-cols-4">{children}</div>
}
