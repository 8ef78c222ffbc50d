import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atEnd, commandLine, listen, open } from './cli.test.fixture.ts'
import { type Followed, following, type Page } from './following.ts'

interface Row extends Followed {
  readonly id: string
}

/** A ledger whose writers number their entries; each is booked with the instant at which its call began. */
function ledger(pageSize: number) {
  const rows: Row[] = []
  const sequences = new Map<string, number>()
  const sorted = () =>
    rows.toSorted((a, b) =>
      a.occurredAt === b.occurredAt ? (a.id < b.id ? 1 : -1) : a.occurredAt < b.occurredAt ? 1 : -1,
    )
  return {
    rows,
    book(writerId: string, began: number) {
      const seq = (sequences.get(writerId) ?? 0) + 1
      sequences.set(writerId, seq)
      rows.push({ id: `${writerId}-${seq}`, writerId, seq, occurredAt: String(began).padStart(6, '0') })
    },
    async page(cursor: string | null): Promise<Page<Row>> {
      const after = cursor === null ? 0 : sorted().findIndex(({ id }) => id === cursor) + 1
      const entries = sorted().slice(after, after + pageSize)
      const isLast = after + pageSize >= rows.length
      return { entries, nextCursor: isLast ? null : (entries.at(-1)?.id ?? null) }
    },
  }
}

const aBooking = fc.record({
  writer: fc.constantFrom('w1', 'w2', 'w3'),
  tookMs: fc.integer({ min: 0, max: 400 }),
  looks: fc.boolean(),
})

describe('following', () => {
  test('each row comes once, whatever the order in which calls began and ended, and however seldom it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(aBooking, { maxLength: 60 }),
        fc.array(aBooking, { maxLength: 60 }),
        fc.integer({ min: 1, max: 7 }),
        async (before, after, pageSize) => {
          const { rows, book, page } = ledger(pageSize)
          let now = 1_000
          for (const { writer, tookMs } of before) book(writer, (now += 10) - tookMs)
          // Each writer was seen before it is followed, as one that works is.
          for (const writer of ['w1', 'w2', 'w3']) book(writer, (now += 10))
          const there = rows.length
          const tail = following<Row>(page)
          const begun = await tail.begin()
          expect(new Set(begun.map(({ id }) => id)).size).toBe(begun.length)
          const seen: string[] = []
          const look = async () => {
            const { rows: more, missed } = await tail.next()
            expect(missed).toBe(0)
            seen.push(...more.map(({ id }) => id))
          }
          for (const { writer, tookMs, looks } of after) {
            book(writer, (now += 10) - tookMs)
            if (looks) await look()
          }
          // What ended long after it began is found by the next entry of its writer.
          for (const writer of ['w1', 'w2', 'w3']) book(writer, (now += 500))
          await look()
          expect(seen.toSorted()).toEqual(
            rows
              .slice(there)
              .map(({ id }) => id)
              .toSorted(),
          )
        },
      ),
      { numRuns: 300 },
    )
  })

  test('a writer that appears is followed from its first entry, and one that was silent from now on', async () => {
    const { book, page } = ledger(2)
    for (let n = 0; n < 30; n++) book(n === 0 ? 'silent' : 'w1', n)
    const tail = following<Row>(page)
    await tail.begin()
    book('new', 5)
    book('new', 100)
    expect((await tail.next()).rows.map(({ id }) => id)).toEqual(['new-1', 'new-2'])
  })

  test('what lies too far back is counted, not hidden', async () => {
    const { book, page } = ledger(1)
    for (let n = 0; n < 200; n++) book('w1', n + 100)
    const tail = following<Row>(page)
    await tail.begin()
    for (const began of [1, 2, 3, 400]) book('w1', began)
    const { rows, missed } = await tail.next()
    expect([rows.map(({ id }) => id), missed]).toEqual([['w1-204'], 3])
    expect(await tail.next()).toEqual({ rows: [], missed: 0 })
  })
})

describe('tail', () => {
  test(
    'goes on after a lost connection where it was: no line is lost, none comes twice',
    { timeout: 30_000 },
    async () => {
      const fixture = await open()
      const send = async (n: number) => {
        const payload = { provider: 'p', model: n % 2 ? 'odd' : 'even', prompt_tokens: n, completion_tokens: 0 }
        const headers = { 'x-api-key': fixture.key }
        fixture.clock.nowMs += 1_000
        const { statusCode } = await fixture.app.inject({ method: 'POST', url: '/usage', headers, payload })
        expect(statusCode).toBe(201)
        for (const tell of fixture.listeners) tell(String(n))
      }
      for (let n = 1; n <= 3; n++) await send(n)
      // A door that can be shut, and takes those with it who are in it.
      const inside = new Set<() => void>()
      let isShut = false
      const url = await listen((request, response) => {
        if (isShut) return void request.socket.destroy()
        inside.add(() => request.socket.destroy())
        fixture.app.routing(request, response)
      })
      const stop = new AbortController()
      atEnd(() => stop.abort())
      const lines: string[] = []
      const complaints: string[] = []
      let waited = 0
      const tt = commandLine({
        configuration: { url, secret: fixture.adminSecret, credentialsFile: '' },
        isTty: false,
        write: (text) => void lines.push(...text.trimEnd().split('\n')),
        writeError: (text) => void complaints.push(text),
        stopped: stop.signal,
        delay: async () => {
          waited++
          await new Promise((done) => setTimeout(done, 5))
        },
      })
      const done = tt('tail', '--lines', '2')
      const inputs = () => lines.map((line) => (JSON.parse(line) as { inputTokens: number }).inputTokens)
      await expect.poll(inputs).toEqual([2, 3])
      await expect.poll(() => fixture.listeners.size).toBe(1)
      await send(4)
      await expect.poll(inputs).toEqual([2, 3, 4])
      isShut = true
      for (const leave of inside) leave()
      await expect.poll(() => waited).toBeGreaterThan(3)
      for (let n = 5; n <= 8; n++) await send(n)
      isShut = false
      await expect.poll(inputs).toEqual([2, 3, 4, 5, 6, 7, 8])
      expect(complaints).toEqual(['token-trackr: The connection is lost. Trying again.\n'])
      stop.abort()
      expect((await done).exitCode).toBe(0)
    },
  )

  test('lines for people are of whom they asked for, and inert', async () => {
    const fixture = await open()
    const evil = `m\u202e1`
    for (const model of ['odd', evil]) {
      const payload = { provider: 'p', model, prompt_tokens: 1_204, completion_tokens: 356 }
      await fixture.app.inject({ method: 'POST', url: '/usage', headers: { 'x-api-key': fixture.key }, payload })
    }
    const stop = new AbortController()
    atEnd(() => stop.abort())
    let out = ''
    const configuration = { url: fixture.url, secret: fixture.adminSecret, credentialsFile: '' }
    const tt = commandLine({ configuration, write: (text) => void (out += text), stopped: stop.signal })
    const done = tt('tail', '--user', 'alice', '--model', evil)
    await expect.poll(() => out).not.toBe('')
    stop.abort()
    await done
    expect(out).toBe('12:34:56Z  alice  m1  in 1,204  out 356  cached unknown  $0.008952  0 ms  completed\n')
  })
})
