import { createClient } from '@redis/client'

const CONNECT_WITHIN_MS = 2_000

/** Why Redis is not reached; undefined where it is. */
export async function whyNotReached(url: string): Promise<string | undefined> {
  const client = createClient({
    url,
    socket: { connectTimeout: CONNECT_WITHIN_MS, socketTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false },
  })
  // It rejects, too.
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.ping()
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    if (client.isOpen) client.destroy()
  }
}
