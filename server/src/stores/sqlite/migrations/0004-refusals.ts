import type { Migration } from './migration.ts'

/** What was refused, which thresholds were crossed, and how many commits of each writer people can see. */
export const refusals: Migration = {
  up: `
    ALTER TABLE limits ADD COLUMN thresholds TEXT;
    ALTER TABLE writers ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;

    -- A capped sample. details: JSON.
    CREATE TABLE refusals (
      tenant_id  TEXT NOT NULL,
      at_ms      INTEGER NOT NULL,
      refusal_id TEXT NOT NULL,
      call_id    TEXT NOT NULL,
      user_id    TEXT NOT NULL,
      key_id     TEXT NOT NULL,
      provider   TEXT,
      model      TEXT,
      code       TEXT NOT NULL,
      limit_id   TEXT,
      shadow     INTEGER NOT NULL,
      message    TEXT NOT NULL,
      details    TEXT NOT NULL,
      PRIMARY KEY (tenant_id, at_ms, refusal_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX refusals_by_user ON refusals (tenant_id, user_id, at_ms, refusal_id);
    CREATE INDEX refusals_by_call ON refusals (tenant_id, call_id);

    -- All of them. model and limit_id are '' where there is none, since a key has no nulls.
    CREATE TABLE refusal_counts (
      tenant_id TEXT NOT NULL,
      start_ms  INTEGER NOT NULL,
      user_id   TEXT NOT NULL,
      model     TEXT NOT NULL,
      code      TEXT NOT NULL,
      limit_id  TEXT NOT NULL,
      shadow    INTEGER NOT NULL,
      count     INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, start_ms, user_id, model, code, limit_id, shadow)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE crossings (
      tenant_id   TEXT NOT NULL,
      crossing_id TEXT NOT NULL,
      limit_id    TEXT NOT NULL,
      counter_id  TEXT NOT NULL,
      threshold   INTEGER NOT NULL,
      amount      INTEGER NOT NULL,
      settled     INTEGER NOT NULL,
      at_ms       INTEGER NOT NULL,
      PRIMARY KEY (tenant_id, crossing_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX crossings_by_time ON crossings (tenant_id, at_ms, crossing_id);

    CREATE INDEX entries_by_call ON entries (tenant_id, call_id);
  `,
  down: `
    DROP INDEX entries_by_call;
    DROP TABLE crossings;
    DROP TABLE refusal_counts;
    DROP TABLE refusals;
    ALTER TABLE writers DROP COLUMN commits;
    ALTER TABLE limits DROP COLUMN thresholds;
  `,
}
