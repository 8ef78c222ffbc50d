import type { Application } from './application.ts'

/** What the server says when it listens: for a person on a terminal, one line of JSON for a program. */
export function welcome({ url, first }: Pick<Application, 'url' | 'first'>, forPerson: boolean): string {
  if (!forPerson) return `${JSON.stringify({ event: 'ready', url, ...(first && firstForPrograms(first)) })}\n`
  const lines = ['', '  Token Trackr', '', `  Dashboard  ${url}/`, `  Gateway    ${url}/v1`, '']
  if (first)
    lines.push(
      "  Administrator's secret, for the dashboard (shown once; also in the data folder, for the tt command):",
      `      ${first.administratorSecret}`,
      '',
      `  A first key, of the user "${first.userId}" (shown once):`,
      `      ${first.key}`,
      '',
      '  Try it, with a simulated model that needs no provider:',
      `      curl ${url}/v1/chat/completions -H "authorization: Bearer ${first.key}" \\`,
      `        -H "content-type: application/json" -d '{"model":"sim-small","messages":[{"role":"user","content":"Hello!"}]}'`,
      '',
    )
  return lines.join('\n') + '\n'
}

function firstForPrograms({ administratorSecret, key, userId }: NonNullable<Application['first']>) {
  return { adminSecret: administratorSecret, key, userId }
}
