import { Card } from '@heroui/react/card'
import { Brand } from './brand.tsx'
import { SignInForm } from './sign-in-form.tsx'
import { ThemeToggle } from './theme-toggle.tsx'

export function SignInPage({ onSignedIn }: { onSignedIn: () => void }) {
  return (
    <main className="relative flex min-h-dvh flex-col items-center justify-center gap-6 p-4">
      <div className="absolute end-4 top-3">
        <ThemeToggle />
      </div>
      <Brand className="text-lg" />
      <Card className="w-full max-w-sm border border-border p-6">
        <Card.Header className="mb-1">
          <h1 className="text-base font-semibold">Sign in</h1>
          <p className="text-[13px] text-muted">See what was spent, by whom, and how much is left.</p>
        </Card.Header>
        <SignInForm onSignedIn={onSignedIn} />
      </Card>
    </main>
  )
}
