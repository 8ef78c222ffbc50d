import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Mission } from './child.ts'
import { compete } from './compete.ts'
import type { OpenOptions } from './place.ts'
import type { Stores } from './reference.ts'
import { STEPS, STORY_MS } from './story.ts'

// The other process of the conformance suite: opens the place that it is told, and does its mission there.
const [module, argument, missionText] = process.argv.slice(2) as [string, string, string]
const { open } = (await import(module)) as {
  readonly open: (argument: string, options: OpenOptions) => Stores | Promise<Stores>
}
const mission = JSON.parse(missionText) as Mission

// Written at once: a buffered line would die with the process.
const say = (line: string) => writeSync(1, `${line}\n`)

if (mission.kind === 'compete') {
  const stores = await open(argument, {})
  say('ready')
  // Each line that comes is the number of a match.
  for await (const match of createInterface({ input: process.stdin }))
    say(JSON.stringify(await compete(stores, mission.writerId, Number(match))))
  await stores.close()
} else {
  let points = 0
  const crashPoint = () => {
    if (++points === mission.atPoint) process.kill(process.pid, 'SIGKILL')
  }
  const stores = await open(argument, { nowMs: () => STORY_MS, crashPoint })
  for (const [index, step] of STEPS.entries()) {
    await step(stores)
    say(`acknowledged ${index + 1}`)
  }
  say(`points ${points}`)
  await stores.close()
}
