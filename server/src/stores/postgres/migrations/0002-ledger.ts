import { type Migration, TEXT } from './migration.ts'

/**
 * Writers, holds, entries and what a commit moves along with them. What many commits change again and again leaves room
 * in its pages (fillfactor), so that a new version of a row stays beside the old one and no index is touched.
 */
export const ledger: Migration = {
  up: `
    -- last_batch and last_outcome: the commit before, for whoever lost its answer. commits: those that people can see.
    CREATE TABLE writers (
      writer_id      ${TEXT} PRIMARY KEY,
      seq            bigint NOT NULL DEFAULT 0,
      commits        bigint NOT NULL DEFAULT 0,
      lease_until_ms bigint NOT NULL DEFAULT 0,
      last_batch     ${TEXT},
      last_outcome   ${TEXT}
    ) WITH (fillfactor = 50);

    -- Batches whose answer was lost and that had not been committed when somebody looked: they never will be.
    CREATE TABLE lost_batches (
      batch_id ${TEXT} PRIMARY KEY,
      at_ms    bigint NOT NULL
    );

    -- counters: ids of counters, apart by a space, which no id contains. labels: JSON, NULL where there are none.
    CREATE TABLE holds (
      hold_id             ${TEXT} PRIMARY KEY,
      tenant_id           ${TEXT} NOT NULL,
      writer_id           ${TEXT} NOT NULL,
      version             bigint NOT NULL,
      call_id             ${TEXT} NOT NULL,
      attempt             bigint NOT NULL,
      format              ${TEXT} NOT NULL,
      stream              bigint NOT NULL,
      user_id             ${TEXT} NOT NULL,
      key_id              ${TEXT} NOT NULL,
      provider            ${TEXT} NOT NULL,
      model               ${TEXT} NOT NULL,
      counted_at_ms       bigint NOT NULL,
      bound_input_tokens  bigint,
      bound_output_tokens bigint,
      bound_cost_nano_usd bigint,
      price_version       ${TEXT},
      counters            ${TEXT} NOT NULL,
      question            ${TEXT},
      collection          ${TEXT},
      documents_retrieved bigint,
      session_id          ${TEXT},
      labels              ${TEXT}
    );

    -- buckets: the sub-buckets of a sliding minute as start, settled, held, start, …; settled and held are then 0.
    CREATE TABLE counters (
      counter_id ${TEXT} PRIMARY KEY,
      tenant_id  ${TEXT} NOT NULL,
      settled    bigint NOT NULL,
      held       bigint NOT NULL,
      buckets    bigint[]
    ) WITH (fillfactor = 50);

    -- By the month of occurred_at_ms; what is in no month that was made ahead is in the default partition.
    -- A bucket of tokens is NULL where it was not reported. raw_usage is the provider's text, verbatim. elsewhere: JSON;
    -- elsewhere_tokens: their sum, for counters.
    CREATE TABLE entries (
      entry_id            ${TEXT} NOT NULL,
      tenant_id           ${TEXT} NOT NULL,
      writer_id           ${TEXT} NOT NULL,
      seq                 bigint NOT NULL,
      call_id             ${TEXT} NOT NULL,
      attempt             bigint NOT NULL,
      format              ${TEXT} NOT NULL,
      stream              bigint NOT NULL,
      user_id             ${TEXT} NOT NULL,
      key_id              ${TEXT} NOT NULL,
      provider            ${TEXT} NOT NULL,
      model               ${TEXT} NOT NULL,
      served_model        ${TEXT},
      outcome             ${TEXT} NOT NULL,
      evidence            ${TEXT} NOT NULL,
      ending              ${TEXT} NOT NULL,
      counted_at_ms       bigint NOT NULL,
      occurred_at_ms      bigint NOT NULL,
      duration_ms         bigint NOT NULL,
      first_byte_ms       bigint,
      http_status         bigint,
      in_uncached         bigint,
      in_cache_read       bigint,
      in_cache_write5m    bigint,
      in_cache_write1h    bigint,
      in_cache_write_other bigint,
      in_audio            bigint,
      in_image            bigint,
      in_tool_prompt      bigint,
      out_text            bigint,
      out_reasoning       bigint,
      out_audio           bigint,
      out_image           bigint,
      tool_calls          ${TEXT},
      service_tier        ${TEXT},
      elsewhere           ${TEXT},
      elsewhere_tokens    bigint,
      raw_usage           ${TEXT},
      quarantine          ${TEXT},
      cost_nano_usd       bigint,
      price_version       ${TEXT},
      held_tokens         bigint NOT NULL,
      held_requests       bigint NOT NULL,
      held_cost_nano_usd  bigint NOT NULL,
      question            ${TEXT},
      collection          ${TEXT},
      documents_retrieved bigint,
      session_id          ${TEXT},
      labels              ${TEXT}
    ) PARTITION BY RANGE (occurred_at_ms);
    CREATE TABLE entries_default PARTITION OF entries DEFAULT;
    -- Filters are decided in the index: of the rows that do not pass, none is read.
    CREATE INDEX entries_by_time
      ON entries (tenant_id, occurred_at_ms, entry_id, key_id, provider, model, outcome, evidence);
    CREATE INDEX entries_by_user ON entries (tenant_id, user_id, occurred_at_ms, entry_id);
    CREATE INDEX entries_by_call ON entries (tenant_id, call_id, occurred_at_ms, entry_id);
    CREATE INDEX entries_by_seq ON entries (writer_id, seq);
    -- Only what was ingested has two instants: the few rows that a limit's window finds by the other one.
    CREATE INDEX entries_counted_apart ON entries (tenant_id, counted_at_ms) WHERE counted_at_ms <> occurred_at_ms;
    CREATE INDEX entries_quarantined ON entries (tenant_id, occurred_at_ms, entry_id) WHERE quarantine IS NOT NULL;

    -- Of all months together: no id twice, and where an entry is.
    CREATE TABLE entry_ids (
      entry_id       ${TEXT} PRIMARY KEY,
      tenant_id      ${TEXT} NOT NULL,
      occurred_at_ms bigint NOT NULL
    );

    CREATE TABLE ingest_keys (
      tenant_id ${TEXT} NOT NULL,
      source    ${TEXT} NOT NULL,
      ingest_id ${TEXT} NOT NULL,
      entry_id  ${TEXT} NOT NULL,
      digest    ${TEXT} NOT NULL,
      PRIMARY KEY (tenant_id, source, ingest_id)
    );

    CREATE TABLE prices (
      version  ${TEXT} PRIMARY KEY,
      provider ${TEXT} NOT NULL,
      model    ${TEXT} NOT NULL,
      source   ${TEXT} NOT NULL,
      rates    ${TEXT} NOT NULL,
      tiers    ${TEXT} NOT NULL,
      service_tiers ${TEXT}
    );

    -- Makes the partition of the month (UTC) that so many months after this one are. Without the parent's exclusive lock:
    -- a table is made beside it and attached. Where the default partition has rows of that month, they stay there.
    CREATE FUNCTION make_entry_month(months_ahead int) RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
      first timestamp := date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => months_ahead);
      name text := 'entries_' || to_char(first, 'YYYY_MM');
      from_ms bigint := extract(epoch FROM first)::bigint * 1000;
      to_ms bigint := extract(epoch FROM first + interval '1 month')::bigint * 1000;
    BEGIN
      IF to_regclass(quote_ident(name)) IS NOT NULL THEN RETURN; END IF;
      EXECUTE format('CREATE TABLE %I (LIKE entries INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', name);
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT of_its_month CHECK (occurred_at_ms >= %s AND occurred_at_ms < %s)',
        name, from_ms, to_ms);
      EXECUTE format('ALTER TABLE entries ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, from_ms, to_ms);
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT of_its_month', name);
    EXCEPTION WHEN check_violation THEN NULL;
    END $$;
  `,
  down: `
    DROP FUNCTION make_entry_month(int);
    DROP TABLE prices;
    DROP TABLE ingest_keys;
    DROP TABLE entry_ids;
    DROP TABLE entries;
    DROP TABLE counters;
    DROP TABLE holds;
    DROP TABLE lost_batches;
    DROP TABLE writers;
  `,
}
