import { useQueryClient } from '@tanstack/react-query'
import { Component, type ReactNode } from 'react'
import { ErrorState } from './error-state.tsx'

/** Keeps a fault in one part of the page from blanking the others; trying again reads the data again. */
export function ErrorBoundary({ children }: { children: ReactNode }) {
  const queries = useQueryClient()
  return <Boundary onRetry={() => queries.refetchQueries({ type: 'all' })}>{children}</Boundary>
}

interface BoundaryProps {
  children: ReactNode
  onRetry: () => Promise<unknown>
}

class Boundary extends Component<BoundaryProps, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  private async retry() {
    await this.props.onRetry().catch(() => undefined)
    this.setState({ error: null })
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return <ErrorState error={error} onRetry={() => void this.retry()} what="This part of the page" />
  }
}
