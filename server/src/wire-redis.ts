import type { Secrets } from './accounts/secrets.ts'
import type { Configuration } from './config/env.ts'
import type { Log } from './operation/log.ts'
import type { Redis } from './redis/open.ts'

/** What processes share beside the store, where REDIS_URL says so. Only then is the driver loaded. */
export async function wireRedis(
  { redisUrl, database }: Pick<Configuration, 'redisUrl' | 'database'>,
  secrets: Pick<Secrets, 'hash'>,
  log: Log,
): Promise<Redis | undefined> {
  if (redisUrl === undefined) return undefined
  const { openRedis } = await import('./redis/open.ts')
  return openRedis({
    url: redisUrl,
    // A copy on another engine has the same secret, and is another ledger.
    name: `token-trackr:${secrets.hash('redis', database.engine)}`,
    nowMs: Date.now,
    watcher: {
      reached: () => log.told('redis is reached'),
      away: (error) => log.report('redis is not reached: the store does its work meanwhile', error),
    },
  })
}
