/** A row of the ledger, as far as following it needs to know. */
export interface Followed {
  readonly writerId: string
  readonly seq: number
  readonly occurredAt: string
}

/** A page of entries, newest first by when they happened. */
export interface Page<Row> {
  readonly entries: readonly Row[]
  readonly nextCursor: string | null
}

export interface Following<Row> {
  /** Begins here: the rows that are there already, oldest first. */
  begin(): Promise<readonly Row[]>
  /** What was booked since, oldest first, each row once; `missed` rows lie too far back to be looked for. */
  next(): Promise<{ readonly rows: readonly Row[]; readonly missed: number }>
}

/** Where a writer's gapless sequence was read: everything up to `upTo`, and some beyond it. */
interface Place {
  upTo: number
  readonly beyond: Set<number>
  /** A writer that is seen for the first time may have written long ago: what it lacks is not missed. */
  isKnown: boolean
}

const MOST_PAGES_TO_BEGIN = 5
const MOST_PAGES = 50

/**
 * Follows the ledger by pages that are ordered by when calls began, though they are booked when they end: each writer
 * numbers its entries without a gap, so a number that is missing is on an older page, and is looked for until it is
 * found. So nothing is lost or repeated, however often the connection is.
 */
export function following<Row extends Followed>(page: (cursor: string | null) => Promise<Page<Row>>): Following<Row> {
  const places = new Map<string, Place>()

  async function* pages(most: number): AsyncGenerator<readonly Row[]> {
    let cursor: string | null = null
    for (let read = 0; read < most; read++) {
      const { entries, nextCursor }: Page<Row> = await page(cursor)
      yield entries
      if (nextCursor === null) return
      cursor = nextCursor
    }
  }

  function placeOf({ writerId }: Followed): Place {
    const place = places.get(writerId) ?? { upTo: 0, beyond: new Set(), isKnown: false }
    places.set(writerId, place)
    return place
  }

  /** Notes a row; false where it was there already. */
  function isNew(row: Row): boolean {
    const place = placeOf(row)
    if (row.seq <= place.upTo) return false
    place.beyond.add(row.seq)
    while (place.beyond.delete(place.upTo + 1)) place.upTo++
    return true
  }

  /** Gives up what is missing, and says how much. */
  function closeGaps(): number {
    let missed = 0
    for (const place of places.values()) {
      const most = Math.max(place.upTo, ...place.beyond)
      if (place.isKnown) missed += most - place.upTo - place.beyond.size
      place.upTo = most
      place.beyond.clear()
      place.isKnown = true
    }
    return missed
  }

  return {
    async begin() {
      const rows: Row[] = []
      for await (const read of pages(MOST_PAGES_TO_BEGIN)) rows.push(...read.filter(isNew))
      closeGaps()
      return rows.toReversed()
    },
    async next() {
      const rows: Row[] = []
      for await (const read of pages(MOST_PAGES)) {
        const fresh = read.filter(isNew)
        rows.push(...fresh)
        // Behind a page of which all is new, there may be more of it, of a writer that this page has nothing of.
        if (fresh.length < read.length && [...places.values()].every(({ beyond }) => beyond.size === 0)) break
      }
      return { rows: rows.toReversed(), missed: closeGaps() }
    },
  }
}
