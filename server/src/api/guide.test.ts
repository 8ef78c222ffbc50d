import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { open } from './control-plane.test.fixture.ts'

test('docs/api.md: every example does what the page says, in the order of the page', async () => {
  const fixture = await open()
  const server = createServer((request, response) => fixture.app.routing(request, response))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const page = readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8')
  const examples = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, example]) => example)
  expect(examples.length).toBeGreaterThan(5)
  const env = {
    ...process.env,
    URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    SECRET: fixture.adminSecret,
  }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', examples.join('\n')], { env })
  for (const said of ['"passes":true', '"costNanoUsd":1200000', '"userId":"ann"', '"series":', '"sampled":true'])
    expect(stdout).toContain(said)
  server.closeAllConnections()
  server.close()
})
