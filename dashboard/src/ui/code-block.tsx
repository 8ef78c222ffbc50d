import { CopyButton } from './copy-button.tsx'

/** Code to read or paste. It scrolls by itself, so it can be reached by keyboard. */
export function CodeBlock({ code, what }: { code: string; what: string }) {
  return (
    <div className="relative rounded-lg border border-border bg-code">
      <pre
        aria-label={what}
        className="overflow-x-auto p-3 pe-11 font-mono text-xs leading-5"
        role="region"
        tabIndex={0}
      >
        {code}
      </pre>
      <div className="absolute end-1.5 top-1.5">
        <CopyButton text={code} what={what} />
      </div>
    </div>
  )
}
