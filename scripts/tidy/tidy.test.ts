import { describe, expect, test } from 'vitest'
import { foldersIn, sourceFiles, type SourceFile } from './house.ts'
import { breaches, importsOf, LAW } from './import-law.ts'
import { bannedNames, composedSql, dangerousCode, longFiles, looseMoney } from './rules.ts'
import { difference, printedTree } from './tree.ts'

const files = sourceFiles()
const code = files.filter(({ path }) => !path.startsWith('scripts/tidy/'))
const readme = files.find(({ path }) => path === 'README.md')?.text ?? ''
const planted = (path: string, text: string): SourceFile[] => [{ path, text }]

const rooms = foldersIn('server/src').map((name) => `server/src/${name}`)
const topFolders = foldersIn('')

describe('the house as it is', () => {
  test('every import keeps the import law', () => expect(breaches(code)).toEqual([]))
  test('no file is longer than 300 lines', () => expect(longFiles(code)).toEqual([]))
  test('one word per idea, and no name that says nothing', () => expect(bannedNames(code)).toEqual([]))
  test('M40: money is integer and says its unit', () => expect(looseMoney(code)).toEqual([]))
  test('S62: server code starts no program and runs no text', () => expect(dangerousCode(code)).toEqual([]))
  test('S01: no SQL is composed out of values', () => expect(composedSql(code)).toEqual([]))
  test('the tree in the README is the real one', () =>
    expect(difference(printedTree(readme), [...topFolders, 'server/src', ...rooms])).toEqual([]))
  test('the law names no room that is gone', () =>
    expect(
      Object.keys(LAW).filter((room) => !files.some(({ path }) => path.startsWith(`server/src/${room}/`))),
    ).toEqual([]))
  test('every room says what it promises', () => {
    const inhabited = [...rooms, ...topFolders.filter((name) => name !== 'server')]
    const silent = inhabited.filter((room) => !files.some(({ path }) => path === `${room}/README.md`))
    expect(silent).toEqual([])
  })
})

describe('the import law finds what is planted', () => {
  const found = (path: string, text: string) => breaches(planted(path, text))
  test.each([
    ['core that reads the clock of Node', 'server/src/core/x.ts', "import { hrtime } from 'node:process'"],
    ['core that sees another room', 'server/src/core/x.ts', "import type { Y } from '../ledger/y.ts'"],
    ['a package in core', 'server/src/core/x.ts', "import { z } from 'zod'"],
    ['a gateway that picks a store', 'server/src/gateway/x.ts', "import { open } from '../stores/sqlite/open.ts'"],
    ['an API that imports dynamically', 'server/src/api/x.ts', "const y = await import('../stores/sqlite/open.ts')"],
    ['one store that uses another', 'server/src/stores/postgres/x.ts', "import { y } from '../sqlite/y.ts'"],
    ['a re-export across rooms', 'server/src/pricing/x.ts', "export { y } from '../accounts/y.ts'"],
    ['a room that nobody planned', 'server/src/shed/x.ts', "import { y } from '../core/y.ts'"],
    ['a room that reads the environment', 'server/src/ledger/x.ts', 'const port = process.env.PORT'],
    ['a room that goes back to main', 'server/src/api/x.ts', "import { start } from '../application.ts'"],
    [
      'a dashboard that reaches into the server',
      'dashboard/src/lib/x.ts',
      "import { y } from '../../../server/src/core/y.ts'",
    ],
    ['a floor that looks up', 'dashboard/src/lib/x.ts', "import { y } from '../features/users/y.ts'"],
    ['features that know each other', 'dashboard/src/features/users/x.ts', "import { y } from '../calls/y.ts'"],
  ])('%s', (_what, path, text) => expect(found(path, text)).toHaveLength(1))

  test('what the law allows is let pass', () => {
    expect(found('server/src/gateway/x.ts', "import type { Y } from '../core/ports/y.ts'")).toEqual([])
    expect(found('server/src/main.ts', "import { open } from './stores/sqlite/open.ts'")).toEqual([])
    expect(found('server/src/gateway/x.test.ts', "import { open } from '../stores/sqlite/open.ts'")).toEqual([])
  })
  test('imports over several lines and for side effects are seen', () => {
    expect(importsOf("import {\n  a,\n  b,\n} from './a.ts'\nimport './b.css'\nexport * from './c.ts'")).toEqual([
      './a.ts',
      './b.css',
      './c.ts',
    ])
  })
})

describe('the other rules find what is planted', () => {
  const path = 'server/src/ledger/x.ts'
  test('a long file', () => expect(longFiles(planted(path, 'a\n'.repeat(301)))).toHaveLength(1))
  test.each([
    ['a second word for limit', path, 'const userQuota = 1'],
    ['a second word for hold', path, 'interface Reservations {}'],
    ['a file that says nothing', 'server/src/ledger/utils.ts', ''],
    ['a barrel', 'server/src/ledger/index.ts', ''],
    ['a name that says nothing', path, 'class LedgerManager {}'],
    ['unfinished work', path, `// ${['TO', 'DO'].join('')} later`],
  ])('%s', (_what, where, text) => expect(bannedNames(planted(where, text))).not.toEqual([]))
  test('words in strings and comments are free', () =>
    expect(bannedNames(planted(path, "// a quota of theirs\nthrow new Error('quota')"))).toEqual([]))
  test('M40: a floating column', () =>
    expect(looseMoney(planted('server/src/stores/sqlite/1.ts', 'cost REAL NOT NULL'))).toHaveLength(1))
  test('M40: money without its unit', () => expect(looseMoney(planted(path, 'const costUsd = 1'))).toHaveLength(1))
  test.each(["import { spawn } from 'node:child_process'", 'eval(text)', "new Function('return 1')"])(
    'S62: %s',
    (text) => expect(dangerousCode(planted(path, text))).toHaveLength(1),
  )
  test('S01: a value inside SQL', () =>
    expect(composedSql(planted(path, 'db.prepare(`SELECT * FROM users WHERE id = ${id}`)'))).toHaveLength(1))
  test('a folder that the tree lacks, and one too many', () => {
    const printed = printedTree(
      '```text\nhouse/\n├── server/   x\n│   └── src/\n│       └── core/   y\n└── attic/   z\n```',
    )
    expect(printed).toEqual(['server', 'server/src', 'server/src/core', 'attic'])
    expect(difference(printed, ['server', 'server/src', 'server/src/core', 'cellar'])).toHaveLength(2)
  })
})
