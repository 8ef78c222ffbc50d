import { parseArgs } from 'node:util'
import { type ContenderName, CONTENDERS } from './contenders.ts'
import { printReport } from './report.ts'
import { compare } from './rounds.ts'

/** `npm run bench -- [--rounds 5] [--seconds 4] [--connections 1,32,128] [--only nothing,pass-through,…]` */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    connections: { type: 'string', default: '1,32,128' },
    only: { type: 'string', default: 'nothing,pass-through,portkey,token-trackr' },
  },
})

printReport(
  await compare({
    contenders: values.only.split(',').map(contenderName),
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    connections: values.connections.split(',').map((count) => positive('connections', count)),
  }),
)

function contenderName(name: string): ContenderName {
  if (Object.hasOwn(CONTENDERS, name)) return name as ContenderName
  throw new Error(`--only knows ${Object.keys(CONTENDERS).join(', ')}, not ${name}`)
}

function positive(option: string, text: string): number {
  const figure = Number(text)
  if (figure > 0 && Number.isFinite(figure)) return figure
  throw new Error(`--${option} takes positive numbers, not ${text}`)
}
