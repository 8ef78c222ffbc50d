import { describe, expect, test } from 'vitest'
import { aHold, aReading, endOf, ingestOf, NOON_MS, reserveOf } from './fixtures.ts'
import type { MakePlace, Place } from './place.ts'
import { placesOf } from './suite.ts'

/** Reads with SQL, as people would; numbers come as text or as numbers, instants as text or as dates. */
type Ask = (place: Place, sql: string) => Promise<readonly Record<string, unknown>[]>

/** The views of engines that speak SQL: names and columns that people's own queries go by. */
export function viewConformance(makePlace: MakePlace, ask: Ask): void {
  describe('views', () => {
    const { newPlace } = placesOf(makePlace)

    /** Two entries of a day, one of the month before, one whose usage and cost nobody knows. */
    async function story(): Promise<Place> {
      const place = await newPlace()
      const { ledger } = await place.open()
      const audit = { question: 'Why?', collection: 'books', documentsRetrieved: 3, sessionId: 's-1' }
      const hold = aHold({ id: 'a', audit, labels: { team: 'x' } })
      await ledger.commit('writer-1', [reserveOf(hold, [])])
      const usage = {
        buckets: { inUncached: 20, inCacheRead: 4, outText: 10 },
        elsewhere: [{ model: 'm', buckets: { outText: 5 } }],
      }
      await ledger.commit('writer-1', [
        endOf(hold, { kind: 'settle', reading: aReading({ usage, costNanoUsd: 1_500_000_001n }) }),
        ingestOf({ id: 'b', ...aReading({ outcome: 'cut', usage: { buckets: {} }, costNanoUsd: null }) }, undefined),
        ingestOf({ id: 'c', occurredAtMs: Date.UTC(2026, 4, 31, 23, 59, 59, 999) }, undefined),
        ingestOf({ id: 'd', tenantId: 'other' }, undefined),
      ])
      return place
    }

    test('token_usage has the columns of an audit table; what is unknown is NULL', async () => {
      const place = await story()
      const rows = await ask(place, `SELECT * FROM token_usage WHERE tenant_id = 'acme' ORDER BY id`)
      expect(Object.keys(rows[0]!)).toEqual([
        ...['id', 'timestamp', 'model', 'question', 'collection', 'input_tokens', 'output_tokens', 'total_tokens'],
        ...['cost_usd', 'documents_retrieved', 'response_time_ms', 'user_id', 'session_id', 'success', 'tenant_id'],
      ])
      const [a, b, c] = rows
      expect(a).toMatchObject({ id: 'a', model: 'sim-small', question: 'Why?', collection: 'books', user_id: 'ann' })
      expect(a).toMatchObject({ session_id: 's-1', timestamp: new Date(NOON_MS).toISOString() })
      expect(
        numbersOf(a, 'input_tokens', 'output_tokens', 'total_tokens', 'documents_retrieved', 'response_time_ms'),
      ).toEqual([24, 10, 39, 3, 42])
      expect(numbersOf(a, 'cost_usd', 'success')).toEqual([1.500000001, 1])
      expect([b!.input_tokens, b!.output_tokens, b!.total_tokens, b!.cost_usd]).toEqual([null, null, null, null])
      expect(numbersOf(b, 'success')).toEqual([0])
      expect(c!.timestamp).toBe('2026-05-31T23:59:59.999Z')
    })

    test('token_usage_raw has every entry', async () => {
      const rows = await ask(await story(), 'SELECT * FROM token_usage_raw ORDER BY id')
      expect(rows.map((row) => [row.id, row.tenant_id, row.evidence, row.ending])).toEqual([
        ['a', 'acme', 'reported', 'settled'],
        ['b', 'acme', 'reported', 'ingested'],
        ['c', 'acme', 'reported', 'ingested'],
        ['d', 'other', 'reported', 'ingested'],
      ])
      expect(new Date(rows[0]!.timestamp as string).getTime()).toBe(NOON_MS)
      expect(
        numbersOf(rows[0], 'prompt_tokens', 'completion_tokens', 'total_tokens', 'cached_tokens', 'total_cost'),
      ).toEqual([24, 10, 39, 4, 1.500000001])
      expect(numbersOf(rows[1], 'prompt_tokens', 'total_cost')).toEqual([null, null])
    })

    test('the summaries are the sums of days and months of UTC, by tenant and model', async () => {
      const place = await story()
      const columns = 'total_entries, total_requests, total_tokens, total_cost, unpriced_entries, unknown_entries'
      const read = async (view: string, time: string) => {
        const rows = await ask(
          place,
          `SELECT tenant_id, CAST(${time} AS text) AS at, model, ${columns} FROM ${view} ORDER BY 1, 2`,
        )
        return rows.map((row) => [row.tenant_id, row.at, row.model, ...numbersOf(row, ...columns.split(', '))])
      }
      const may = [1, 1, 30, 0.00000015, 0, 0]
      expect(await read('tenant_daily_summary', 'date')).toEqual([
        ['acme', '2026-05-31', 'sim-small', ...may],
        ['acme', '2026-06-15', 'sim-small', 2, 2, 39, 1.500000001, 1, 1],
        ['other', '2026-06-15', 'sim-small', ...may],
      ])
      expect(await read('tenant_monthly_summary', 'month')).toEqual([
        ['acme', '2026-05-01', 'sim-small', ...may],
        ['acme', '2026-06-01', 'sim-small', 2, 2, 39, 1.500000001, 1, 1],
        ['other', '2026-06-01', 'sim-small', ...may],
      ])
    })

    test('pricing_table says what a thousand tokens cost, in USD', async () => {
      const [row] = await ask(await story(), 'SELECT * FROM pricing_table')
      expect(row).toMatchObject({ version: 'price-1', provider: 'sim', model: 'sim-small', source: 'a test' })
      expect(numbersOf(row, 'input_cost_per_1k', 'cached_input_cost_per_1k', 'output_cost_per_1k')).toEqual([
        ...[0.000005, null, 9007199.254740993],
      ])
    })
  })
}

function numbersOf(row: Record<string, unknown> | undefined, ...names: readonly string[]): (number | null)[] {
  return names.map((name) => {
    const value = row![name]
    return value === null ? null : Number(value)
  })
}
