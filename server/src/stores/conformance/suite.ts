import { afterEach } from 'vitest'
import type { MakePlace, OpenOptions, Place } from './place.ts'
import type { Stores } from './reference.ts'

/** Places for the tests of a suite, removed after each. To be called inside `describe`. */
export function placesOf(makePlace: MakePlace) {
  const places: Place[] = []
  afterEach(async () => {
    await Promise.all(places.splice(0).map((place) => place.remove()))
  })

  async function newPlace(): Promise<Place> {
    const place = await makePlace()
    places.push(place)
    return { ...place, open: async (options) => withAllAnswers(await place.open(options)) }
  }
  /** A new, empty store. */
  async function newStores(options?: OpenOptions): Promise<Stores> {
    return (await newPlace()).open(options)
  }
  return { newPlace, newStores }
}

/** A store whose every commit answers all plans, however many the engine takes at once. */
function withAllAnswers(stores: Stores): Stores {
  const { ledger } = stores
  return {
    ...stores,
    ledger: {
      ...ledger,
      async commit(writerId, plans) {
        const answers = [...(await ledger.commit(writerId, plans))]
        while (answers.length < plans.length)
          answers.push(...(await ledger.commit(writerId, plans.slice(answers.length))))
        return answers
      },
    },
  }
}
