import type { Installation } from './harness.ts'
import { SHORT_LEASE } from './kill-round.ts'
import { call, CHAT_MODEL, jsonOf, pool } from './wire.ts'

const EVENTS_PER_LIFE = 40
const TOKENS = 7

export interface ToldOnce {
  readonly sent: number
  readonly acknowledged: number
  readonly entries: number
  /** Everything that is not as promised; empty where each acknowledged event is there once. */
  readonly faults: readonly string[]
}

/**
 * Tells a server of 40 events at once, and kills it in their middle, in each of so many lives; half of the events of a life are told
 * again in the next one, under the same ids, as whoever got no answer does. Then asks for each that was acknowledged.
 */
export async function toldOnce(house: Installation, lives: number): Promise<ToldOnce> {
  const acknowledged = new Set<string>()
  const sent = new Set<string>()
  let user: { userId: string; key: string } | undefined
  for (let life = 0; life < lives; life++) {
    const server = await house.start(SHORT_LEASE)
    user ??= await server.control.newUser(null, 'teller')
    const { key } = user
    const dispatcher = pool()
    const told = Array.from({ length: EVENTS_PER_LIFE }, async (_, at) => {
      const id = `event-${life * (EVENTS_PER_LIFE / 2) + at}`
      sent.add(id)
      const answer = await call(server.url, '/usage', key, event(id), { dispatcher }).catch(() => undefined)
      if (answer && answer.status < 300 && !answer.broken) acknowledged.add(id)
    })
    await told[(life * 6) % EVENTS_PER_LIFE]
    await server.kill()
    await Promise.all(told)
    await dispatcher.destroy()
  }
  return lookedOver(house, user!, { sent, acknowledged })
}

async function lookedOver(
  house: Installation,
  { userId, key }: { userId: string; key: string },
  { sent, acknowledged }: { sent: ReadonlySet<string>; acknowledged: ReadonlySet<string> },
): Promise<ToldOnce> {
  const calm = await house.start(SHORT_LEASE)
  const faults: string[] = []
  const entries = (await calm.control.allEntries(userId)).length
  for (const id of acknowledged)
    if (!jsonOf(await call(calm.url, '/usage', key, event(id))).duplicate)
      faults.push(`${id} was acknowledged, and nobody knows it`)
  const { tokenUsage } = await calm.control.user(userId)
  const entriesAfter = (await calm.control.allEntries(userId)).length
  await calm.stop()
  if (entries < acknowledged.size) faults.push(`${acknowledged.size} events were acknowledged, ${entries} are entries`)
  if (entries > sent.size) faults.push(`${sent.size} events were told, ${entries} are entries`)
  if (entriesAfter !== entries) faults.push(`events told again made ${entriesAfter - entries} entries more`)
  if (tokenUsage !== TOKENS * entries) faults.push(`the user has used ${tokenUsage} tokens in ${entries} entries`)
  return { sent: sent.size, acknowledged: acknowledged.size, entries, faults }
}

function event(id: string) {
  return { id, provider: 'openai', model: CHAT_MODEL, prompt_tokens: 3, completion_tokens: TOKENS - 3 }
}
