import { describe, expect, test } from 'vitest'
import { StoreUnavailable } from '../../core/errors.ts'
import { elsewhereOf, runElsewhere } from './child.ts'
import { dump } from './dump.ts'
import type { MakePlace } from './place.ts'
import { referenceStore, type Stores } from './reference.ts'
import { MINUTE_COUNTER, STEPS, STORY_MS } from './story.ts'
import { placesOf } from './suite.ts'

const AT_ONCE = 3

/** What holds when a commit is cut short at any of its points, by a dying process or a failing engine. */
export function crashConformance(makePlace: MakePlace): void {
  describe('crashes', () => {
    const { newPlace } = placesOf(makePlace)

    test('F03: kill -9 at any point of any commit leaves whole commits, and all that were acknowledged', async ({
      skip,
    }) => {
      const place = await newPlace()
      const elsewhere = elsewhereOf(place)
      skip(!elsewhere, 'reason' in place.elsewhere ? place.elsewhere.reason : '')
      const expected = await dumpsOfModel()
      const { lines } = await runElsewhere(elsewhere!, { kind: 'crash', atPoint: null })
      const points = Number(lines.at(-1)!.replace('points ', ''))
      // Each commit has a beginning, a step and an end at the least.
      expect(points).toBeGreaterThan(STEPS.length * 3)

      let next = 1
      const crashAtEach = async () => {
        while (next <= points) await crashAt(next++)
      }
      const crashAt = async (atPoint: number) => {
        const mine = await newPlace()
        const child = await runElsewhere(elsewhereOf(mine)!, { kind: 'crash', atPoint })
        expect(child.signal).toBe('SIGKILL')
        const stores = await mine.open({ nowMs: () => STORY_MS })
        expect(await stores.reports.integrity()).toEqual([])
        const acknowledged = child.lines.length
        expect([expected[acknowledged], expected[acknowledged + 1]]).toContainEqual(await dumpOf(stores))
        await mine.remove()
      }
      await Promise.all(Array.from({ length: AT_ONCE }, crashAtEach))
    }, 120_000)

    test('F10: a commit that fails at any point leaves nothing, and is taken whole afterwards', async ({ skip }) => {
      const expected = await dumpsOfModel()
      let pointsLeft = Infinity
      const crashPoint = (name: string) => {
        if (name !== 'committed' && --pointsLeft === 0) throw new Error(`failed at ${name}`)
      }
      const stores = await (await newPlace()).open({ nowMs: () => STORY_MS, crashPoint })
      let failures = 0
      for (const [index, step] of STEPS.entries())
        for (let failAt = 1; ; failAt++) {
          pointsLeft = failAt
          const error = await step(stores).then(
            () => undefined,
            (reason: unknown) => reason,
          )
          pointsLeft = Infinity
          expect(await dumpOf(stores)).toEqual(expected[error === undefined ? index + 1 : index])
          if (error === undefined) break
          expect(error).toBeInstanceOf(StoreUnavailable)
          failures++
        }
      skip(failures === 0, 'the engine has no points at which a commit could fail')
      expect(failures).toBeGreaterThan(STEPS.length * 2)
    })
  })
}

/** What is there after none, one, two… of the steps. */
async function dumpsOfModel() {
  const model = referenceStore({ nowMs: () => STORY_MS })
  const dumps = [await dumpOf(model)]
  for (const step of STEPS) {
    await step(model)
    dumps.push(await dumpOf(model))
  }
  return dumps
}

async function dumpOf(stores: Stores) {
  const everything = await dump(stores, ['acme'], [MINUTE_COUNTER])
  return {
    ...everything,
    setting: await stores.accounts.setting('name'),
    identity: await stores.accounts.identity('hash-ann'),
  }
}
