import { type CommandParser, defineScript } from '@redis/client'

/**
 * Keeps what a refusal makes certain of a minute: the tenant's version, what is settled, until when, and for how long to
 * know it, in milliseconds. Answers of the store may come here in another order than it gave them: what it refused under
 * newer limits stays.
 */
export const keepFullMinute = defineScript({
  NUMBER_OF_KEYS: 1,
  SCRIPT: `
    local version = redis.call('HGET', KEYS[1], 'tenantVersion')
    if version and tonumber(version) > tonumber(ARGV[1]) then return 0 end
    redis.call('HSET', KEYS[1], 'tenantVersion', ARGV[1], 'settled', ARGV[2], 'freesAtMs', ARGV[3])
    return redis.call('PEXPIRE', KEYS[1], ARGV[4])`,
  parseCommand(parser: CommandParser, key: string, ...values: string[]) {
    parser.pushKey(key)
    parser.push(...values)
  },
  transformReply: undefined as unknown as () => number,
})

/** In the order in which it is read. */
export const FIELDS = ['tenantVersion', 'settled', 'freesAtMs']
