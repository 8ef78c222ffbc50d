import { Tabs } from '@heroui/react/tabs'
import { snippets } from '../../lib/snippets.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'

/** A new key, the only time it is seen, with lines to paste that use it. */
export function KeyOnce({ secret }: { secret: string }) {
  return (
    <div className="flex min-w-0 flex-col gap-4 text-foreground">
      <div className="rounded-lg border border-border bg-surface-secondary p-3">
        <div className="flex items-center gap-2">
          <code
            aria-label="New key"
            className="min-w-0 flex-1 font-mono text-[13px] break-all"
            role="textbox"
            aria-readonly="true"
            tabIndex={0}
          >
            {secret}
          </code>
          <CopyButton text={secret} what="key" wide />
        </div>
        <p className="mt-2 text-[13px] text-warning-soft-foreground">
          Copy it now: it is shown this once, and only its last four characters are kept.
        </p>
      </div>
      <Tabs className="min-w-0">
        <Tabs.ListContainer className="w-fit">
          <Tabs.List aria-label="Ready to paste">
            {snippets(location.origin, secret).map(({ id, title }) => (
              <Tabs.Tab className="h-7 w-auto px-3 text-[13px] whitespace-nowrap" id={id} key={id}>
                {title}
                <Tabs.Indicator />
              </Tabs.Tab>
            ))}
          </Tabs.List>
        </Tabs.ListContainer>
        {snippets(location.origin, secret).map(({ id, title, code }) => (
          <Tabs.Panel className="p-0" id={id} key={id}>
            <CodeBlock code={code} what={`${title} example`} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </div>
  )
}
