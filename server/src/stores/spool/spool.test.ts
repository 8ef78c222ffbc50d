import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { spooledEntryOf } from '../../core/hold.ts'
import { A_PRICE, aHold, aReading } from '../conformance/fixtures.ts'
import { appender } from './appender.ts'
import type { Spool } from '../../core/ports/spool.ts'
import { openSpool } from './open.ts'

const LEASE_MS = 15_000

let folder: string
let problems: string[]
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'token-trackr-spool-')), 'spool')
  problems = []
})
afterEach(async () => {
  await Promise.allSettled(spools.splice(0).map((spool) => spool.close()))
  rmSync(join(folder, '..'), { recursive: true })
})
const spools: Spool[] = []

const report = (problem: string, error: unknown) => void problems.push(`${problem}: ${(error as Error).message}`)
async function open(): Promise<Spool> {
  const spool = await openSpool({ folder, leaseMs: LEASE_MS, report })
  spools.push(spool)
  return spool
}
const onlyFile = () => join(folder, readdirSync(folder)[0]!)

const intent = (id: string) => ({
  hold: aHold({ id, boundCostNanoUsd: 2n ** 62n, labels: { n: '1' } }),
  prices: [A_PRICE],
})
const end = (id: string) => ({
  entry: spooledEntryOf(intent(id).hold, { kind: 'settle', reading: aReading({ costNanoUsd: 2n ** 60n }) }),
  prices: [A_PRICE],
})

/** What a process leaves that was killed with one call ended and another one under way. */
async function leave(): Promise<Buffer> {
  const spool = await open()
  await Promise.all([spool.open(intent('a')), spool.open(intent('b'))])
  await spool.end(end('a'))
  return readFileSync(onlyFile())
}
const BOTH = [
  { intent: intent('a'), end: end('a') },
  { intent: intent('b'), end: undefined },
]

test('what a killed process left is found as it was written, by one alone, and goes once it is dropped', async () => {
  await leave()
  const [next, another] = [await open(), await open()]
  expect(await next.adopt()).toEqual(BOTH)
  // Both have the id of this process here, so that the file is given the name of another machine's.
  renameSync(onlyFile(), onlyFile().replace(/\.spool$/, '-other.spool'))
  expect(await another.adopt()).toEqual([])
})

test('a file goes with its last call, and nobody else than its owner can read it', async () => {
  const spool = await open()
  await spool.open(intent('a'))
  expect([statSync(folder).mode & 0o777, statSync(onlyFile()).mode & 0o777]).toEqual([0o700, 0o600])
  await spool.open(intent('b'))
  await spool.drop('a')
  expect(readdirSync(folder)).toHaveLength(1)
  await spool.drop('b')
  expect(readdirSync(folder)).toEqual([])
})

test('a file that ends anywhere in a line says what its whole lines say, and is no damage', async () => {
  const bytes = await leave()
  const path = onlyFile()
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 10)
  for (let length = 0; length <= bytes.length; length += length % 7 === 0 ? 1 : 43) {
    writeFileSync(path, bytes.subarray(0, length))
    const lines = ends.filter((at) => at < length).length
    const spool = await open()
    const found = await spool.adopt()
    await Promise.all(['a', 'b'].map(spool.drop))
    expect([length, found.length, found[0]?.end !== undefined]).toEqual([length, Math.min(2, lines), lines === 3])
  }
  expect(problems).toEqual([])
})

test('a damaged line is named, and its file kept when all the rest of it is in the ledger', async () => {
  const bytes = await leave()
  bytes[bytes.indexOf('\n') + 100]! ^= 1
  writeFileSync(onlyFile(), bytes)
  const spool = await open()
  expect(await spool.adopt()).toEqual([{ intent: intent('a'), end: end('a') }])
  expect(problems).toEqual([expect.stringMatching(/is damaged.*: line 2; the file will be kept as .*\.damaged$/)])
  await spool.drop('a')
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/\.damaged$/)])
  expect(readFileSync(onlyFile())).toEqual(bytes)
  expect(await (await open()).adopt()).toEqual([])
})

test('the file of another machine’s process is left alone as long as that gives signs of life', async () => {
  await leave()
  const path = join(folder, 'x.1.another-machine.spool')
  renameSync(onlyFile(), path)
  const spool = await open()
  expect(await spool.adopt()).toEqual([])
  const then = new Date(Date.now() - LEASE_MS - 1_000)
  utimesSync(path, then, then)
  expect(await spool.adopt()).toHaveLength(2)
})

test('what was closed belongs to whoever asks next', async () => {
  const spool = await open()
  await spool.open(intent('a'))
  await spool.close()
  renameSync(onlyFile(), join(folder, 'x.1.another-machine.spool'))
  expect(await (await open()).adopt()).toHaveLength(1)
})

test('a folder that cannot be used is refused in one line', async () => {
  writeFileSync(folder, 'a file')
  await expect(open()).rejects.toThrow(/^The spool .* cannot be used \(EEXIST\): check its owner and rights\.$/)
})

test('lines that come together wait for one flush; after one that failed, nothing of it is left', async () => {
  const disk = { bytes: Buffer.alloc(0), flushes: 0, fails: false }
  const file = {
    async write(bytes: Buffer, offset: number, length: number, at: number) {
      // A disk may take less than it is given.
      const taken = bytes.subarray(offset, offset + Math.min(length, 5))
      disk.bytes = Buffer.concat([disk.bytes.subarray(0, at), taken, disk.bytes.subarray(at + taken.length)])
      return { bytesWritten: taken.length }
    },
    async datasync() {
      disk.flushes++
      if (disk.fails) throw new Error('ENOSPC')
    },
    async truncate(length: number) {
      disk.bytes = disk.bytes.subarray(0, length)
    },
    close: async () => {},
  } as unknown as FileHandle
  const lines = appender(file)
  await Promise.all(['one\n', 'two\n', 'three\n', 'four\n'].map(lines.append))
  expect(disk.flushes).toBe(2)
  disk.fails = true
  await expect(lines.append('never acknowledged\n')).rejects.toThrow('ENOSPC')
  disk.fails = false
  await lines.append('five\n')
  expect(disk.bytes.toString()).toBe('one\ntwo\nthree\nfour\nfive\n')
  await lines.close()
  await expect(lines.append('late\n')).rejects.toThrow('closed')
})
