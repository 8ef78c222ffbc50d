import type { Command } from 'commander'
import { EXIT, Failure } from './failure.ts'
import { type Column, section } from './table.ts'
import type { World } from './world.ts'

interface Delivery {
  readonly channel: string
  readonly state: 'waiting' | 'delivered' | 'given_up'
  readonly attempts: number
  readonly lastAt: string | null
  readonly nextAt: string | null
  readonly error: string | null
}
interface Channel {
  readonly channel: string
  readonly target: string
  readonly waiting: number
  readonly failing: Delivery | null
}
interface Crossing {
  readonly at: string
  readonly threshold: number
  readonly text: string
  readonly deliveries: readonly Delivery[]
}
interface Result {
  readonly channel: string
  readonly delivered: boolean
  readonly reason: string | null
}

const CHANNEL_COLUMNS: readonly Column<Channel>[] = [
  { title: 'channel', of: (channel) => channel.channel },
  { title: 'leads to', of: (channel) => channel.target },
  { title: 'waiting', of: (channel) => String(channel.waiting), isNumber: true },
  { title: 'failing', of: ({ failing }) => failing?.error ?? '-' },
]
const CROSSING_COLUMNS: readonly Column<Crossing>[] = [
  { title: 'at', of: (crossing) => crossing.at },
  { title: 'threshold', of: (crossing) => `${crossing.threshold}%`, isNumber: true },
  { title: 'alert', of: (crossing) => crossing.text },
  { title: 'told', of: ({ deliveries }) => deliveries.map(toldWords).join('; ') || 'to nobody: no channel then' },
]
const RESULT_COLUMNS: readonly Column<Result>[] = [
  { title: 'channel', of: (result) => result.channel },
  { title: 'test', of: ({ delivered, reason }) => (delivered ? 'delivered' : (reason ?? '-')) },
]

const NO_CHANNEL =
  'No channel is configured: set ALERT_WEBHOOK_URL and ALERT_WEBHOOK_SECRET where the server starts (docs/alerts.md).'

export function addAlerts(program: Command, { client, out }: World): void {
  const alerts = program.command('alerts').description('who is told of thresholds that are crossed, and was')

  alerts
    .command('list', { isDefault: true })
    .description('the channels, and the last thresholds that were crossed')
    .action(async () => {
      const { channels } = await client.request<{ channels: Channel[] }>('GET', '/api/alerts')
      const { crossings } = await client.request<{ crossings: Crossing[] }>('GET', '/api/crossings?limit=20')
      out.sections({ channels, crossings }, [section(CHANNEL_COLUMNS, channels), section(CROSSING_COLUMNS, crossings)])
      if (channels.length === 0) out.remark(NO_CHANNEL)
    })

  alerts
    .command('test')
    .description('tell a test over each channel, and say how that went')
    .action(async () => {
      const answer = await client.request<{ results: Result[] }>('POST', '/api/alerts/test')
      if (answer.results.length === 0) throw new Failure(NO_CHANNEL, EXIT.error)
      out.show(answer, RESULT_COLUMNS, answer.results, '')
      if (answer.results.some(({ delivered }) => !delivered))
        throw new Failure('Not every channel could be told: the reason is above.', EXIT.error)
    })
}

function toldWords({ channel, state, attempts, lastAt, nextAt, error }: Delivery): string {
  if (state === 'delivered') return `${channel} ${lastAt}`
  if (state === 'given_up') return `${channel} given up after ${attempts} attempts: ${error}`
  return error === null ? `${channel} in a moment` : `${channel} ${error}, again at ${nextAt}`
}
