import { ALL_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, SUM_ALL, SUM_INPUT, SUM_OUTPUT } from '../../rows/view-columns.ts'
import type { Migration } from './migration.ts'

const SUMMED = `sum(entries) AS total_entries, sum(requests) AS total_requests, ${SUM_INPUT} AS total_prompt_tokens,
  ${SUM_OUTPUT} AS total_completion_tokens, ${SUM_ALL} AS total_tokens, sum(cost_nano_usd) / 1e9 AS total_cost,
  sum(unpriced) AS unpriced_entries, sum(unknown) AS unknown_entries`
const TIMESTAMP = `strftime('%Y-%m-%dT%H:%M:', occurred_at_ms / 1000, 'unixepoch')
  || printf('%02d.%03dZ', occurred_at_ms / 1000 % 60, occurred_at_ms % 1000)`

/**
 * For people's own queries: reading only, days and months of UTC. SQLite has no decimals, so money is in USD as it can be
 * shown; sums of money are exact in nano-USD alone. The summaries are made of rollups, so that they stay quick however
 * many entries there are.
 */
export const views: Migration = {
  up: `
    CREATE VIEW token_usage_raw AS
    SELECT entry_id AS id, ${TIMESTAMP} AS timestamp, tenant_id, user_id, key_id, call_id,
      attempt, provider, model, served_model, ${INPUT_TOKENS} AS prompt_tokens, ${OUTPUT_TOKENS} AS completion_tokens,
      ${ALL_TOKENS} AS total_tokens, in_cache_read AS cached_tokens, cost_nano_usd / 1e9 AS total_cost,
      price_version, outcome, evidence, ending, duration_ms, http_status, session_id, labels
    FROM entries;

    CREATE VIEW token_usage AS
    SELECT entry_id AS id, ${TIMESTAMP} AS timestamp, model, question, collection, ${INPUT_TOKENS} AS input_tokens,
      ${OUTPUT_TOKENS} AS output_tokens, ${ALL_TOKENS} AS total_tokens, cost_nano_usd / 1e9 AS cost_usd,
      documents_retrieved, duration_ms AS response_time_ms, user_id, session_id, outcome = 'completed' AS success,
      tenant_id
    FROM entries;

    CREATE VIEW tenant_daily_summary AS
    SELECT tenant_id, date(start_ms / 1000, 'unixepoch') AS date, provider, model, ${SUMMED}
    FROM rollups WHERE cube = 'quality' AND grain = 'hour' GROUP BY tenant_id, 2, provider, model;

    CREATE VIEW tenant_monthly_summary AS
    SELECT tenant_id, date(start_ms / 1000, 'unixepoch', 'start of month') AS month, provider, model, ${SUMMED}
    FROM rollups WHERE cube = 'quality' AND grain = 'hour' GROUP BY tenant_id, 2, provider, model;

    -- Rates of prices are pico-USD a token, as text; prices that no entry was counted by are in the price book alone.
    CREATE VIEW pricing_table AS
    SELECT version, provider, model, source,
      CAST(rates ->> '$.perToken.inUncached' AS INTEGER) / 1e9 AS input_cost_per_1k,
      CAST(rates ->> '$.perToken.inCacheRead' AS INTEGER) / 1e9 AS cached_input_cost_per_1k,
      CAST(rates ->> '$.perToken.outText' AS INTEGER) / 1e9 AS output_cost_per_1k
    FROM prices;
  `,
  down: `
    DROP VIEW pricing_table;
    DROP VIEW tenant_monthly_summary;
    DROP VIEW tenant_daily_summary;
    DROP VIEW token_usage;
    DROP VIEW token_usage_raw;
  `,
}
