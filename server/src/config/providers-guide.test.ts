import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PROXY_ROUTES } from '../gateway/routes.ts'
import { KNOWN_HOSTS } from './known-hosts.ts'

const guide = readFileSync(new URL('../../../docs/providers.md', import.meta.url), 'utf8')
const [, overview = ''] = /^\| API \|.*\n\|.*\n((?:\|.*\n)+)/m.exec(guide) ?? []
const rows = overview.split('\n').map((row) => row.split('|').map((cell) => cell.trim()))
const quoted = (text = '') => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)

test('every host that is known has its credential in the guide, and one that is open a row with its policy', () => {
  for (const { credentialName, isOpen, disconnect } of KNOWN_HOSTS) {
    expect(guide).toContain(`\`${credentialName}\``)
    const row = rows.find((cells) => quoted(cells[4]).includes(credentialName))
    if (isOpen)
      expect([credentialName, row?.[6]]).toEqual([credentialName, disconnect === 'drain' ? 'drained' : 'aborted'])
  }
})

test('every path of the gateway begins like one in the guide, and no path is there in vain', () => {
  const beginnings = rows.flatMap((cells) => quoted(cells[2]))
  const beginsWith = (path: string, beginning: string) => path.startsWith(beginning)
  for (const { path } of PROXY_ROUTES)
    expect([path, beginnings.some((beginning) => beginsWith(path, beginning))]).toEqual([path, true])
  for (const beginning of beginnings)
    expect([beginning, PROXY_ROUTES.some(({ path }) => beginsWith(path, beginning))]).toEqual([beginning, true])
})
