import type { Migration } from './migration.ts'

/** Writers, holds, entries and what a commit moves along with them. */
export const ledger: Migration = {
  up: `
    CREATE TABLE writers (
      writer_id      TEXT PRIMARY KEY,
      seq            INTEGER NOT NULL,
      lease_until_ms INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- counters: ids of counters, apart by a space, which no id contains. labels: JSON, NULL where there are none.
    CREATE TABLE holds (
      hold_id             TEXT PRIMARY KEY,
      tenant_id           TEXT NOT NULL,
      writer_id           TEXT NOT NULL,
      version             INTEGER NOT NULL,
      call_id             TEXT NOT NULL,
      attempt             INTEGER NOT NULL,
      format              TEXT NOT NULL,
      stream              INTEGER NOT NULL,
      user_id             TEXT NOT NULL,
      key_id              TEXT NOT NULL,
      provider            TEXT NOT NULL,
      model               TEXT NOT NULL,
      counted_at_ms       INTEGER NOT NULL,
      bound_input_tokens  INTEGER,
      bound_output_tokens INTEGER,
      bound_cost_nano_usd INTEGER,
      price_version       TEXT,
      counters            TEXT NOT NULL,
      question            TEXT,
      collection          TEXT,
      documents_retrieved INTEGER,
      session_id          TEXT,
      labels              TEXT
    ) STRICT, WITHOUT ROWID;

    -- buckets: the sub-buckets of a sliding minute; settled and held are then 0.
    CREATE TABLE counters (
      counter_id TEXT PRIMARY KEY,
      tenant_id  TEXT NOT NULL,
      settled    INTEGER NOT NULL,
      held       INTEGER NOT NULL,
      buckets    TEXT
    ) STRICT, WITHOUT ROWID;

    -- A bucket of tokens is NULL where it was not reported. raw_usage is the provider's text, verbatim.
    CREATE TABLE entries (
      entry_id            TEXT NOT NULL UNIQUE,
      tenant_id           TEXT NOT NULL,
      writer_id           TEXT NOT NULL,
      seq                 INTEGER NOT NULL,
      call_id             TEXT NOT NULL,
      attempt             INTEGER NOT NULL,
      format              TEXT NOT NULL,
      stream              INTEGER NOT NULL,
      user_id             TEXT NOT NULL,
      key_id              TEXT NOT NULL,
      provider            TEXT NOT NULL,
      model               TEXT NOT NULL,
      served_model        TEXT,
      outcome             TEXT NOT NULL,
      evidence            TEXT NOT NULL,
      ending              TEXT NOT NULL,
      counted_at_ms       INTEGER NOT NULL,
      occurred_at_ms      INTEGER NOT NULL,
      duration_ms         INTEGER NOT NULL,
      first_byte_ms       INTEGER,
      http_status         INTEGER,
      in_uncached         INTEGER,
      in_cache_read       INTEGER,
      in_cache_write5m    INTEGER,
      in_cache_write1h    INTEGER,
      in_cache_write_other INTEGER,
      in_audio            INTEGER,
      in_image            INTEGER,
      in_tool_prompt      INTEGER,
      out_text            INTEGER,
      out_reasoning       INTEGER,
      out_audio           INTEGER,
      out_image           INTEGER,
      tool_calls          TEXT,
      raw_usage           TEXT,
      quarantine          TEXT,
      cost_nano_usd       INTEGER,
      price_version       TEXT,
      held_tokens         INTEGER NOT NULL,
      held_requests       INTEGER NOT NULL,
      held_cost_nano_usd  INTEGER NOT NULL,
      question            TEXT,
      collection          TEXT,
      documents_retrieved INTEGER,
      session_id          TEXT,
      labels              TEXT,
      UNIQUE (writer_id, seq)
    ) STRICT;
    CREATE INDEX entries_by_time ON entries (tenant_id, occurred_at_ms, entry_id);
    CREATE INDEX entries_by_user ON entries (tenant_id, user_id, occurred_at_ms, entry_id);
    -- Only what was ingested has two instants: the few rows that a limit's window finds by the other one.
    CREATE INDEX entries_counted_apart ON entries (tenant_id, counted_at_ms) WHERE counted_at_ms <> occurred_at_ms;

    CREATE TABLE ingest_keys (
      tenant_id TEXT NOT NULL,
      source    TEXT NOT NULL,
      ingest_id TEXT NOT NULL,
      entry_id  TEXT NOT NULL,
      digest    TEXT NOT NULL,
      PRIMARY KEY (tenant_id, source, ingest_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE prices (
      version  TEXT PRIMARY KEY,
      provider TEXT NOT NULL,
      model    TEXT NOT NULL,
      source   TEXT NOT NULL,
      rates    TEXT NOT NULL,
      tiers    TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
  down: `
    DROP TABLE prices;
    DROP TABLE ingest_keys;
    DROP TABLE entries;
    DROP TABLE counters;
    DROP TABLE holds;
    DROP TABLE writers;
  `,
}
