import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Whether a path below the folder is, in the end, a file in it: a link may lead anywhere. */
export function filesIn(folder: string): (path: string) => boolean {
  return (path) => {
    try {
      return realpathSync(join(folder, path)).startsWith(realpathSync(folder) + sep)
    } catch {
      return false
    }
  }
}
