import { existsSync } from 'node:fs'
import { connect } from './connection.ts'
import { LATEST_VERSION, migrate, recognise, versionOf } from './migrations.ts'

/** The schema of a file, to look at or to bring to a version. A file that is not there has version 0, and stays so. */
export function sqliteSchema(path: string) {
  function within<T>(work: (database: ReturnType<typeof connect>) => T): T {
    let result: T
    const database = connect(path, {
      recognise,
      migrate: (connection) => {
        result = work(connection)
      },
    })
    database.close()
    return result!
  }
  return {
    latest: LATEST_VERSION,
    version: async () => (existsSync(path) ? within(versionOf) : 0),
    migrateTo: async (version: number) => within((database) => migrate(database, version)),
    async create() {
      const isNew = !existsSync(path)
      within(() => undefined)
      return isNew
    },
    close: async () => {},
  }
}
