import type { Migration } from './migration.ts'

/** Which crossings are told over which channel. Those that were there before are told over none. */
export const deliveries: Migration = {
  up: `
    CREATE TABLE deliveries (
      tenant_id   TEXT NOT NULL,
      crossing_id TEXT NOT NULL,
      channel     TEXT NOT NULL,
      attempts    INTEGER NOT NULL,
      due_ms      INTEGER,
      tried_ms    INTEGER,
      error       TEXT,
      PRIMARY KEY (tenant_id, crossing_id, channel)
    ) STRICT, WITHOUT ROWID;
    -- Only those that have not ended: few, however many there were.
    CREATE INDEX deliveries_due ON deliveries (channel, due_ms) WHERE due_ms IS NOT NULL;
  `,
  down: `
    DROP TABLE deliveries;
  `,
}
