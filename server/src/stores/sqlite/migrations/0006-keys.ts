import type { Migration } from './migration.ts'

/** A key that is revoked is looked for as one that never was: where it is not found, in the same time (S07). */
export const keys: Migration = {
  up: `
    CREATE UNIQUE INDEX keys_alive ON keys (hash) WHERE revoked_at_ms IS NULL;
  `,
  down: `
    DROP INDEX keys_alive;
  `,
}
