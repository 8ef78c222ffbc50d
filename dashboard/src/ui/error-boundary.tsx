import { Component, type ReactNode } from 'react'
import { ErrorState } from './error-state.tsx'

/** Keeps a fault in one part of the page from blanking the others. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null }

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }

  override render() {
    const { error } = this.state
    if (!error) return this.props.children
    return <ErrorState error={error} onRetry={() => this.setState({ error: null })} what="This part of the page" />
  }
}
