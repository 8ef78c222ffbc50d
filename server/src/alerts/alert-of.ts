import { hash } from 'node:crypto'
import { type Alert, alertText } from '../core/alert.ts'
import type { Crossing } from '../core/crossing.ts'
import type { Limit } from '../core/limit.ts'

/** What is told of a crossing, and of the limit that it is of. */
export function alertOf(crossing: Crossing, limit: Pick<Limit, 'window'> | undefined): Alert {
  const window = limit?.window ?? null
  return { id: alertId(crossing), atMs: crossing.atMs, text: alertText(crossing, window), crossing, window }
}

/** Made of what was crossed, and of no sign that a header or a signature gives a meaning. */
function alertId({ tenantId, id }: Crossing): string {
  return `alert_${hash('sha256', JSON.stringify([tenantId, id]), 'base64url').slice(0, 32)}`
}

/** A test, each by an id of its own. */
export function testAlert(id: string, atMs: number): Alert {
  return { id: `test_${id}`, atMs, text: 'This is a test of Token Trackr’s alerts.', crossing: null, window: null }
}
