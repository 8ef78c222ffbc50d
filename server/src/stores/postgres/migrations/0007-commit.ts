import { type Migration, namesOf } from './migration.ts'

/** The fields of rows that come as JSON, in the types of their columns; numbers of 64 bits come as text. */
const HOLD = `hold_id text, tenant_id text, writer_id text, version bigint, call_id text, attempt bigint, format text,
  stream bigint, user_id text, key_id text, provider text, model text, counted_at_ms bigint, bound_input_tokens bigint,
  bound_output_tokens bigint, bound_cost_nano_usd bigint, price_version text, counters text, question text,
  collection text, documents_retrieved bigint, session_id text, labels text`
/** Without writer_id and seq, which are given here. */
const ENTRY = `entry_id text, tenant_id text, call_id text, attempt bigint, format text, stream bigint, user_id text,
  key_id text, provider text, model text, served_model text, outcome text, evidence text, ending text,
  counted_at_ms bigint, occurred_at_ms bigint, duration_ms bigint, first_byte_ms bigint, http_status bigint,
  in_uncached bigint, in_cache_read bigint, in_cache_write5m bigint, in_cache_write1h bigint,
  in_cache_write_other bigint, in_audio bigint, in_image bigint, in_tool_prompt bigint, out_text bigint,
  out_reasoning bigint, out_audio bigint, out_image bigint, tool_calls text, service_tier text,
  elsewhere text, elsewhere_tokens bigint, raw_usage text, quarantine text,
  cost_nano_usd bigint, price_version text, held_tokens bigint, held_requests bigint, held_cost_nano_usd bigint,
  question text, collection text, documents_retrieved bigint, session_id text, labels text`

const [HOLD_NAMES, ENTRY_NAMES] = [namesOf(HOLD).join(', '), namesOf(ENTRY).join(', ')]

/**
 * One batch of plans, in one statement: takes the locks, judges the plans in order, and writes what is left of them. Plans
 * name tenants, ids, ingest keys and counters by their places in lists (from 1; 0 is none), so that everything is read
 * once and written once. docs/decisions/0004-postgresql.md says why in this order, and at which isolation.
 */
export const commit: Migration = {
  up: `
    CREATE FUNCTION commit_plans(
      is_check boolean, writer text, test_ms bigint, batch text,
      tenant_list text[], id_list text[],
      key_tenants text[], key_sources text[], key_ids text[], key_entries text[], key_digests text[],
      counter_list text[], counter_tenants text[], counter_minutes boolean[],
      plan_tenants int[], plan_versions bigint[], plan_opens int[], plan_open_versions bigint[], plan_ends int[],
      plan_end_versions bigint[], plan_entries int[], plan_keys int[], plan_digests text[], plan_adds int[],
      add_counters int[], add_settled bigint[], add_held bigint[], add_counted bigint[], add_ceilings bigint[],
      link_sums int[], link_cells int[], rows json,
      OUT kind text, OUT sequence bigint, OUT counter text, OUT counter_settled bigint, OUT counter_held bigint,
      OUT frees_at_ms bigint, OUT known_entry text, OUT known_digest text)
    RETURNS SETOF record LANGUAGE plpgsql SET jit = off SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    DECLARE
      now_ms bigint;
      versions bigint[];
      -- Of each id: the version and the tenant of its open hold, whether it is an entry, and which plan opened it here.
      hold_versions bigint[];
      hold_tenants int[];
      is_entry boolean[];
      opened_by int[];
      ended text[] := '{}';
      -- Of each ingest key: its entry and digest where it is taken, and whether this commit was the one to take it.
      is_claimed boolean[];
      claim_entries text[];
      claim_digests text[];
      claimed_by int[];
      -- Of each counter.
      new_counters text[];
      settled bigint[];
      held bigint[];
      minutes minute[];
      is_moved boolean[];
      after_settled bigint; after_held bigint;
      -- Of each plan.
      sequences bigint[];
      is_committed boolean[];
      outcome text := '';
      last_sequence bigint;
      from_add int; to_add int := 0;
      at int; counter_at int;
      tenant text;
    BEGIN
      IF NOT is_check THEN
        -- One commit of a writer at a time: where an answer was lost, the next one finds what came of it. One that was
        -- given up, and was only slow to arrive, comes too late.
        PERFORM pg_advisory_xact_lock(hashtextextended('token-trackr writer ' || writer, 0));
        IF EXISTS (SELECT FROM lost_batches WHERE batch_id = batch) THEN RAISE 'this batch was given up'; END IF;
        -- Together with other commits, never with a change of the tenant's limits and keys.
        FOREACH tenant IN ARRAY tenant_list LOOP
          PERFORM pg_advisory_xact_lock_shared(hashtextextended('token-trackr tenant ' || tenant, 0));
        END LOOP;
        IF cardinality(key_ids) > 0 THEN
          WITH claims AS (
            INSERT INTO ingest_keys (tenant_id, source, ingest_id, entry_id, digest)
            SELECT tenant_id, source, ingest_id, entry_id, digest
            FROM unnest(key_tenants, key_sources, key_ids, key_entries, key_digests) WITH ORDINALITY
              AS asked (tenant_id, source, ingest_id, entry_id, digest, place) ORDER BY place
            ON CONFLICT DO NOTHING RETURNING tenant_id, source, ingest_id)
          SELECT array_agg(claims.ingest_id IS NOT NULL ORDER BY place) INTO is_claimed
          FROM unnest(key_tenants, key_sources, key_ids) WITH ORDINALITY AS asked (tenant_id, source, ingest_id, place)
            LEFT JOIN claims USING (tenant_id, source, ingest_id);
        END IF;
        IF cardinality(id_list) > 0 THEN
          PERFORM FROM holds WHERE hold_id = ANY (id_list) ORDER BY hold_id FOR UPDATE;
        END IF;
        IF cardinality(counter_list) > 0 THEN
          -- Created first, then locked in the order of their ids: so no two commits wait for each other.
          WITH made AS (
            INSERT INTO counters (counter_id, tenant_id, settled, held)
            SELECT id, tenant_id, 0, 0
            FROM unnest(counter_list, counter_tenants) WITH ORDINALITY AS asked (id, tenant_id, place)
            WHERE NOT EXISTS (SELECT FROM counters WHERE counter_id = id) ORDER BY place
            ON CONFLICT DO NOTHING RETURNING counter_id)
          SELECT array_agg(counter_id) INTO new_counters FROM made;
          PERFORM FROM counters WHERE counter_id = ANY (counter_list) ORDER BY counter_id FOR UPDATE;
        END IF;
      END IF;

      -- Each statement from here on sees what was committed before the locks were had.
      now_ms := coalesce(test_ms, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint);
      SELECT array_agg(coalesce(tenants.version, -1) ORDER BY place) INTO versions
      FROM unnest(tenant_list) WITH ORDINALITY AS asked (id, place) LEFT JOIN tenants ON tenant_id = id;
      IF cardinality(id_list) > 0 THEN
        SELECT array_agg(coalesce(holds.version, 0) ORDER BY place),
          array_agg(coalesce(array_position(tenant_list, holds.tenant_id), 0) ORDER BY place),
          array_agg(entry_id IS NOT NULL ORDER BY place)
        INTO hold_versions, hold_tenants, is_entry
        FROM unnest(id_list) WITH ORDINALITY AS asked (id, place)
          LEFT JOIN holds ON hold_id = id LEFT JOIN entry_ids ON entry_id = id;
        opened_by := array_fill(0, ARRAY[cardinality(id_list)]);
      END IF;
      IF cardinality(key_ids) > 0 THEN
        is_claimed := coalesce(is_claimed, array_fill(false, ARRAY[cardinality(key_ids)]));
        SELECT array_agg(CASE WHEN NOT is_claimed[place] THEN there.entry_id END ORDER BY place),
          array_agg(CASE WHEN NOT is_claimed[place] THEN there.digest END ORDER BY place)
        INTO claim_entries, claim_digests
        FROM unnest(key_tenants, key_sources, key_ids) WITH ORDINALITY AS asked (tenant_id, source, ingest_id, place)
          LEFT JOIN ingest_keys AS there USING (tenant_id, source, ingest_id);
        claimed_by := array_fill(0, ARRAY[cardinality(key_ids)]);
      END IF;
      IF cardinality(counter_list) > 0 THEN
        SELECT array_agg(coalesce(counters.settled, 0) ORDER BY place),
          array_agg(coalesce(counters.held, 0) ORDER BY place),
          array_agg(ROW(counters.buckets)::minute ORDER BY place)
        INTO settled, held, minutes
        FROM unnest(counter_list) WITH ORDINALITY AS asked (id, place) LEFT JOIN counters ON counter_id = id;
        is_moved := array_fill(false, ARRAY[cardinality(counter_list)]);
      END IF;
      is_committed := array_fill(false, ARRAY[cardinality(plan_tenants)]);
      sequences := array_fill(NULL::bigint, ARRAY[cardinality(plan_tenants)]);

      FOR plan IN 1 .. cardinality(plan_tenants) LOOP
        kind := NULL;
        sequence := NULL;
        counter := NULL;
        counter_settled := NULL;
        counter_held := NULL;
        frees_at_ms := NULL;
        known_entry := NULL;
        known_digest := NULL;
        from_add := to_add + 1;
        to_add := to_add + plan_adds[plan];

        -- The first reason why it cannot be committed, in the order that every store keeps.
        IF plan_versions[plan] >= 0 AND plan_versions[plan] <> versions[plan_tenants[plan]] THEN
          kind := 'stale tenant';
        END IF;
        IF kind IS NULL AND plan_opens[plan] > 0 THEN
          at := plan_opens[plan];
          IF hold_versions[at] > 0 OR is_entry[at] THEN kind := 'stale hold'; END IF;
        END IF;
        IF kind IS NULL AND plan_entries[plan] > 0 THEN
          IF is_entry[plan_entries[plan]] THEN kind := 'stale hold'; END IF;
        END IF;
        IF kind IS NULL AND plan_ends[plan] > 0 THEN
          at := plan_ends[plan];
          IF hold_versions[at] <> plan_end_versions[plan] OR hold_tenants[at] <> plan_tenants[plan] THEN
            kind := 'stale hold';
          END IF;
        END IF;
        IF kind IS NULL AND plan_keys[plan] > 0 THEN
          known_entry := claim_entries[plan_keys[plan]];
          known_digest := claim_digests[plan_keys[plan]];
          IF known_entry IS NOT NULL THEN kind := 'duplicate'; END IF;
        END IF;
        IF kind IS NULL THEN
          FOR this_add IN from_add .. to_add LOOP
            CONTINUE WHEN add_ceilings[this_add] IS NULL;
            counter_at := add_counters[this_add];
            IF counter_minutes[counter_at] THEN
              SELECT value.settled, value.held INTO after_settled, after_held FROM minute_value(minute_after(
                (minutes[counter_at]).buckets, add_counted[this_add], now_ms,
                add_settled[this_add], add_held[this_add]), now_ms) AS value;
            ELSE
              after_settled := settled[counter_at] + add_settled[this_add];
              after_held := held[counter_at] + add_held[this_add];
            END IF;
            CONTINUE WHEN after_settled + after_held <= add_ceilings[this_add];
            kind := 'missed';
            counter := counter_list[counter_at];
            counter_settled := settled[counter_at];
            counter_held := held[counter_at];
            IF counter_minutes[counter_at] THEN
              SELECT value.settled, value.held INTO counter_settled, counter_held
              FROM minute_value((minutes[counter_at]).buckets, now_ms) AS value;
              frees_at_ms := minute_frees_at((minutes[counter_at]).buckets, now_ms);
            END IF;
            EXIT;
          END LOOP;
        END IF;
        IF kind IS NOT NULL THEN
          outcome := outcome || 'r';
          RETURN NEXT;
          CONTINUE;
        END IF;

        kind := 'committed';
        is_committed[plan] := true;
        IF plan_ends[plan] > 0 THEN
          at := plan_ends[plan];
          IF opened_by[at] = 0 THEN ended := ended || id_list[at]; END IF;
          hold_versions[at] := 0;
          opened_by[at] := 0;
        END IF;
        IF plan_opens[plan] > 0 THEN
          at := plan_opens[plan];
          hold_versions[at] := plan_open_versions[plan];
          hold_tenants[at] := plan_tenants[plan];
          opened_by[at] := plan;
        END IF;
        FOR this_add IN from_add .. to_add LOOP
          counter_at := add_counters[this_add];
          is_moved[counter_at] := true;
          IF counter_minutes[counter_at] THEN
            minutes[counter_at] := ROW(minute_after((minutes[counter_at]).buckets, add_counted[this_add], now_ms,
              add_settled[this_add], add_held[this_add]))::minute;
          ELSE
            settled[counter_at] := settled[counter_at] + add_settled[this_add];
            held[counter_at] := held[counter_at] + add_held[this_add];
          END IF;
        END LOOP;
        IF plan_entries[plan] > 0 AND NOT is_check THEN
          IF last_sequence IS NULL THEN
            SELECT coalesce(max(seq), 0) INTO last_sequence FROM writers WHERE writer_id = writer;
          END IF;
          last_sequence := last_sequence + 1;
          sequences[plan] := last_sequence;
          sequence := last_sequence;
          is_entry[plan_entries[plan]] := true;
          IF plan_keys[plan] > 0 THEN
            claim_entries[plan_keys[plan]] := id_list[plan_entries[plan]];
            claim_digests[plan_keys[plan]] := plan_digests[plan];
            claimed_by[plan_keys[plan]] := plan;
          END IF;
        END IF;
        outcome := outcome || CASE WHEN sequence IS NULL THEN 'c' ELSE 'e' END;
        RETURN NEXT;
      END LOOP;
      IF is_check THEN RETURN; END IF;

      -- What was claimed or created and not used after all is taken back.
      IF true = ANY (is_claimed) THEN
        DELETE FROM ingest_keys AS there
        USING unnest(key_tenants, key_sources, key_ids, is_claimed, claimed_by)
          AS asked (tenant_id, source, ingest_id, is_mine, plan)
        WHERE is_mine AND plan = 0 AND there.tenant_id = asked.tenant_id AND there.source = asked.source
          AND there.ingest_id = asked.ingest_id;
        UPDATE ingest_keys AS there SET entry_id = asked.entry_id, digest = asked.digest
        FROM unnest(key_tenants, key_sources, key_ids, claimed_by, claim_entries, claim_digests, key_entries)
          AS asked (tenant_id, source, ingest_id, plan, entry_id, digest, first_entry)
        WHERE plan > 0 AND asked.entry_id <> first_entry AND there.tenant_id = asked.tenant_id
          AND there.source = asked.source AND there.ingest_id = asked.ingest_id;
      END IF;
      IF new_counters IS NOT NULL THEN
        DELETE FROM counters USING unnest(counter_list, is_moved) AS asked (id, moved)
        WHERE NOT moved AND counter_id = id AND counter_id = ANY (new_counters);
      END IF;
      IF NOT true = ANY (is_committed) THEN RETURN; END IF;

      IF cardinality(ended) > 0 THEN DELETE FROM holds WHERE hold_id = ANY (ended); END IF;
      IF rows -> 'holds' IS NOT NULL THEN
        INSERT INTO holds (${HOLD_NAMES}) SELECT ${HOLD_NAMES}
        FROM json_to_recordset(rows -> 'holds') AS fresh (plan int, place int, ${HOLD}) WHERE opened_by[place] = plan;
      END IF;
      IF rows -> 'entries' IS NOT NULL THEN
        WITH fresh AS MATERIALIZED (
          SELECT * FROM json_to_recordset(rows -> 'entries') AS fresh (plan int, ${ENTRY})
          WHERE sequences[plan] IS NOT NULL),
        placed AS (INSERT INTO entry_ids (entry_id, tenant_id, occurred_at_ms)
          SELECT entry_id, tenant_id, occurred_at_ms FROM fresh)
        INSERT INTO entries (writer_id, seq, ${ENTRY_NAMES}) SELECT writer, sequences[plan], ${ENTRY_NAMES} FROM fresh;
      END IF;
      IF true = ANY (is_moved) THEN
        UPDATE counters SET settled = moved.settled, held = moved.held, buckets = (moved.minute).buckets
        FROM (SELECT counter_list[place] AS id, settled[place] AS settled, held[place] AS held, minutes[place] AS minute
          FROM generate_subscripts(counter_list, 1) AS place WHERE is_moved[place]) AS moved
        WHERE counter_id = id;
      END IF;
      IF rows -> 'beside' IS NOT NULL THEN
        PERFORM write_beside(rows -> 'beside', is_committed, link_sums, link_cells);
      END IF;
      INSERT INTO writers (writer_id, seq, commits, last_batch, last_outcome)
      VALUES (writer, coalesce(last_sequence, 0), 1, batch, outcome)
      ON CONFLICT (writer_id) DO UPDATE SET seq = greatest(writers.seq, excluded.seq), commits = writers.commits + 1,
        last_batch = excluded.last_batch, last_outcome = excluded.last_outcome;
    END $$;
  `,
  down: `
    DROP FUNCTION commit_plans;
  `,
}
