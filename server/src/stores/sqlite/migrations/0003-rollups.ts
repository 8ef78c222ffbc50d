import type { Migration } from './migration.ts'

/** The cubes: their coordinates are the key, in the order in which reports narrow them. */
export const rollups: Migration = {
  up: `
    CREATE TABLE rollups (
      tenant_id            TEXT NOT NULL,
      cube                 TEXT NOT NULL,
      grain                TEXT NOT NULL,
      start_ms             INTEGER NOT NULL,
      user_id              TEXT NOT NULL,
      key_id               TEXT NOT NULL,
      provider             TEXT NOT NULL,
      model                TEXT NOT NULL,
      outcome              TEXT NOT NULL,
      evidence             TEXT NOT NULL,
      in_uncached          INTEGER NOT NULL,
      in_cache_read        INTEGER NOT NULL,
      in_cache_write5m     INTEGER NOT NULL,
      in_cache_write1h     INTEGER NOT NULL,
      in_cache_write_other INTEGER NOT NULL,
      in_audio             INTEGER NOT NULL,
      in_image             INTEGER NOT NULL,
      in_tool_prompt       INTEGER NOT NULL,
      out_text             INTEGER NOT NULL,
      out_reasoning        INTEGER NOT NULL,
      out_audio            INTEGER NOT NULL,
      out_image            INTEGER NOT NULL,
      entries              INTEGER NOT NULL,
      requests             INTEGER NOT NULL,
      cost_nano_usd        INTEGER NOT NULL,
      unpriced             INTEGER NOT NULL,
      unknown              INTEGER NOT NULL,
      duration_ms          INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, cube, grain, start_ms, user_id, key_id, provider, model, outcome, evidence)
    ) STRICT, WITHOUT ROWID;
  `,
  down: `
    DROP TABLE rollups;
  `,
}
