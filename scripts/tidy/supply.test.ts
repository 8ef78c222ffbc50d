import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Supply, supplyFaults } from './supply.ts'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const json = (paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, JSON.parse(read(path))]))
const WORKFLOWS = '.github/workflows/'

test('S60: nothing runs or comes by itself that nobody has looked at', () => {
  const supply = {
    manifests: json([
      'package.json',
      ...['server', 'dashboard', 'bench', 'e2e'].map((folder) => `${folder}/package.json`),
    ]),
    locks: json(['package-lock.json', 'bench/package-lock.json', 'e2e/package-lock.json']),
    workflows: readdirSync(new URL(`../../${WORKFLOWS}`, import.meta.url)).map((name) => read(WORKFLOWS + name)),
    installer: read('scripts/install.mjs'),
  }
  expect(supplyFaults(supply)).toEqual([])
})

describe('S60: what is planted is found', () => {
  const integrity = `sha512-${'A'.repeat(86)}==`
  const good: Supply = {
    manifests: { 'package.json': { scripts: { start: 'node start.mjs' } } },
    locks: {
      'package-lock.json': {
        packages: { '': {}, 'node_modules/one': { integrity }, 'node_modules/ours': { link: true } },
      },
    },
    workflows: [`- uses: actions/checkout@${'a'.repeat(40)} # v4`],
    installer: "['install', '--ignore-scripts']",
  }
  test('and nothing where all is well', () => expect(supplyFaults(good)).toEqual([]))
  test.each<[string, Partial<Supply>]>([
    ['a script that npm runs by itself', { manifests: { 'package.json': { scripts: { postinstall: 'node x.mjs' } } } }],
    ['a package without a checksum', { locks: { 'package-lock.json': { packages: { 'node_modules/one': {} } } } }],
    ['an action that a tag names', { workflows: ['- uses: actions/checkout@v4'] }],
    ['an installer that runs scripts', { installer: "['install']" }],
  ])('%s', (_what, planted) => expect(supplyFaults({ ...good, ...planted })).toHaveLength(1))
})
