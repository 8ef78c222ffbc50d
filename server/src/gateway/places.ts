/** So many may do something at once; whoever finds no place goes without. */
export interface Places {
  /** Takes a place, to be given back by calling the answer; undefined where all are taken. */
  take(): (() => void) | undefined
}

export function places(count: number): Places {
  let free = count
  return {
    take() {
      if (free === 0) return undefined
      free--
      return () => {
        free++
      }
    },
  }
}
