import { parseArgs } from 'node:util'
import { CONTENDERS } from './contenders.ts'
import { nameIn, positive, positiveOrNone } from './options.ts'
import { printReport } from './report.ts'
import { compare } from './rounds.ts'

/** `npm run bench -- [--rounds 5] [--seconds 4] [--connections 1,32,128] [--only nothing,pass-through,…] [--sync-ms 5]` */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '1,32,128' },
    'sync-ms': { type: 'string' },
    only: { type: 'string', default: 'nothing,pass-through,portkey,token-trackr' },
  },
})

printReport(
  await compare({
    contenders: values.only.split(',').map((name) => nameIn(CONTENDERS, name)),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    connections: values.connections.split(',').map((count) => positive('connections', count)),
    syncMs: positiveOrNone('sync-ms', values['sync-ms']),
  }),
)
