import { type Migration, namesOf } from './migration.ts'

/** The fields of rows that come as JSON, in the types of their columns; numbers of 64 bits come as text. */
const PRICE = 'version text, provider text, model text, source text, rates text, tiers text, service_tiers text'
export const CROSSING = `tenant_id text, crossing_id text, limit_id text, counter_id text, threshold bigint, amount bigint,
  settled bigint, at_ms bigint`
const COUNT = 'tenant_id text, start_ms bigint, user_id text, model text, code text, limit_id text, shadow bigint'
const REFUSAL = `tenant_id text, at_ms bigint, refusal_id text, call_id text, user_id text, key_id text, provider text,
  model text, code text, limit_id text, shadow bigint, message text, details text`
const CELL = `tenant_id text, cube text, grain text, start_ms bigint, user_id text, key_id text, provider text,
  model text, outcome text, evidence text`
const SUMS = `in_uncached bigint, in_cache_read bigint, in_cache_write5m bigint, in_cache_write1h bigint,
  in_cache_write_other bigint, in_audio bigint, in_image bigint, in_tool_prompt bigint, out_text bigint,
  out_reasoning bigint, out_audio bigint, out_image bigint, entries bigint, requests bigint, cost_nano_usd bigint,
  unpriced bigint, unknown bigint, duration_ms bigint`

const [PRICE_NAMES, CROSSING_NAMES, COUNT_NAMES, REFUSAL_NAMES, CELL_NAMES, SUM_NAMES] = [
  ...[PRICE, CROSSING, COUNT, REFUSAL, CELL, SUMS].map((fields) => namesOf(fields).join(', ')),
]
const SAMPLE_VALUES = namesOf(REFUSAL)
  .map((name) => `sample.${name}`)
  .join(', ')
const FOLDED_SUMS = namesOf(SUMS)
  .map((name) => `sum(${name}) AS ${name}`)
  .join(', ')
const ADDED_SUMS = namesOf(SUMS)
  .map((name) => `${name} = rollups.${name} + excluded.${name}`)
  .join(', ')

const PUT_CROSSINGS = `
        INSERT INTO crossings (${CROSSING_NAMES}) SELECT DISTINCT ON (tenant_id, crossing_id) ${CROSSING_NAMES}
        FROM json_to_recordset(rows -> 'crossings') AS fresh (plan int, ${CROSSING}) WHERE is_committed[plan]
        ORDER BY tenant_id, crossing_id, plan
        ON CONFLICT DO NOTHING;`

/**
 * What the committed plans of a batch say beside their holds, entries and counters: prices, crossings, rollups and
 * refusals. Each table in the order of its key, so that no two commits wait for each other. A later step puts crossings
 * another way.
 */
export const writeBeside = (CROSSINGS = PUT_CROSSINGS) => `
    CREATE OR REPLACE FUNCTION write_beside(rows json, is_committed boolean[], link_sums int[], link_cells int[]) RETURNS void
    LANGUAGE plpgsql AS $$
    #variable_conflict use_column
    DECLARE
      sample record;
    BEGIN
      IF rows -> 'prices' IS NOT NULL THEN
        INSERT INTO prices (${PRICE_NAMES}) SELECT ${PRICE_NAMES}
        FROM json_to_recordset(rows -> 'prices') AS fresh (plan int, ${PRICE}) WHERE is_committed[plan] ORDER BY version
        ON CONFLICT DO NOTHING;
      END IF;
      IF rows -> 'crossings' IS NOT NULL THEN${CROSSINGS}
      END IF;
      IF rows -> 'cells' IS NOT NULL THEN
        INSERT INTO rollups (${CELL_NAMES}, ${SUM_NAMES})
        SELECT ${CELL_NAMES}, ${SUM_NAMES}
        FROM json_to_recordset(rows -> 'cells') AS cell (cell_at int, ${CELL})
        JOIN (SELECT cell_at, ${FOLDED_SUMS}
          FROM unnest(link_sums, link_cells) AS links (sums_at, cell_at)
          JOIN json_to_recordset(rows -> 'sums') AS sums (sums_at int, plan int, ${SUMS}) USING (sums_at)
          WHERE is_committed[plan] GROUP BY cell_at) AS folded USING (cell_at)
        ORDER BY cell_at
        ON CONFLICT (${CELL_NAMES}) DO UPDATE SET ${ADDED_SUMS};
      END IF;
      IF rows -> 'counts' IS NOT NULL THEN
        INSERT INTO refusal_counts (${COUNT_NAMES}, count)
        SELECT ${COUNT_NAMES}, sum(count)
        FROM json_to_recordset(rows -> 'counts') AS fresh (plan int, count bigint, ${COUNT}) WHERE is_committed[plan]
        GROUP BY ${COUNT_NAMES} ORDER BY ${COUNT_NAMES}
        ON CONFLICT (${COUNT_NAMES}) DO UPDATE SET count = refusal_counts.count + excluded.count;
      END IF;
      IF rows -> 'samples' IS NOT NULL THEN
        FOR sample IN SELECT fresh.*, at_ms - mod(at_ms, 900000) AS quarter_ms
          FROM json_to_recordset(rows -> 'samples') AS fresh (plan int, place int, ${REFUSAL}) WHERE is_committed[plan]
          ORDER BY tenant_id, at_ms - mod(at_ms, 900000), place LOOP
          -- Whoever else keeps samples of that quarter waits, or both would find the same room.
          PERFORM pg_advisory_xact_lock(
            hashtextextended('token-trackr samples ' || sample.tenant_id || ' ' || sample.quarter_ms, 0));
          IF (SELECT count(*) FROM refusals WHERE tenant_id = sample.tenant_id
              AND at_ms >= sample.quarter_ms AND at_ms < sample.quarter_ms + 900000) < 200 THEN
            INSERT INTO refusals (${REFUSAL_NAMES})
            VALUES (${SAMPLE_VALUES}) ON CONFLICT DO NOTHING;
          END IF;
        END LOOP;
      END IF;
    END $$;
  `

export const beside: Migration = {
  up: writeBeside(),
  down: `
    DROP FUNCTION write_beside;
  `,
}
