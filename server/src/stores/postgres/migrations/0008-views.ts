import { ALL_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, SUM_ALL, SUM_INPUT, SUM_OUTPUT } from '../../rows/view-columns.ts'
import type { Migration } from './migration.ts'

const SUMMED = `sum(entries) AS total_entries, sum(requests) AS total_requests, ${SUM_INPUT} AS total_prompt_tokens,
  ${SUM_OUTPUT} AS total_completion_tokens, ${SUM_ALL} AS total_tokens, sum(cost_nano_usd) / 1000000000 AS total_cost,
  sum(unpriced) AS unpriced_entries, sum(unknown) AS unknown_entries`

/**
 * For people's own queries and for Grafana: reading only, days and months of UTC, money in USD as exact decimals. The
 * summaries are made of rollups, so that they stay quick however many entries there are.
 */
export const views: Migration = {
  up: `
    CREATE VIEW token_usage_raw AS
    SELECT entry_id AS id, to_timestamp(occurred_at_ms / 1000.0) AS timestamp, tenant_id, user_id, key_id, call_id,
      attempt, provider, model, served_model, ${INPUT_TOKENS} AS prompt_tokens, ${OUTPUT_TOKENS} AS completion_tokens,
      ${ALL_TOKENS} AS total_tokens, in_cache_read AS cached_tokens, cost_nano_usd / 1000000000::numeric AS total_cost,
      price_version, outcome, evidence, ending, duration_ms, http_status, session_id, labels::json AS labels
    FROM entries;

    CREATE VIEW token_usage AS
    SELECT entry_id AS id,
      to_char(to_timestamp(occurred_at_ms / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS timestamp,
      model, question, collection, ${INPUT_TOKENS} AS input_tokens, ${OUTPUT_TOKENS} AS output_tokens,
      ${ALL_TOKENS} AS total_tokens, cost_nano_usd / 1000000000::numeric AS cost_usd, documents_retrieved,
      duration_ms AS response_time_ms, user_id, session_id, outcome = 'completed' AS success, tenant_id
    FROM entries;

    CREATE VIEW tenant_daily_summary AS
    SELECT tenant_id, (to_timestamp(start_ms / 1000.0) AT TIME ZONE 'UTC')::date AS date, provider, model, ${SUMMED}
    FROM rollups WHERE cube = 'quality' AND grain = 'hour'
    GROUP BY tenant_id, (to_timestamp(start_ms / 1000.0) AT TIME ZONE 'UTC')::date, provider, model;

    CREATE VIEW tenant_monthly_summary AS
    SELECT tenant_id, date_trunc('month', to_timestamp(start_ms / 1000.0) AT TIME ZONE 'UTC')::date AS month, provider,
      model, ${SUMMED}
    FROM rollups WHERE cube = 'quality' AND grain = 'hour'
    GROUP BY tenant_id, date_trunc('month', to_timestamp(start_ms / 1000.0) AT TIME ZONE 'UTC')::date, provider, model;

    -- Rates of prices are pico-USD a token, as text; prices that no entry was counted by are in the price book alone.
    CREATE VIEW pricing_table AS
    SELECT version, provider, model, source,
      (rates::json -> 'perToken' ->> 'inUncached')::numeric / 1000000000 AS input_cost_per_1k,
      (rates::json -> 'perToken' ->> 'inCacheRead')::numeric / 1000000000 AS cached_input_cost_per_1k,
      (rates::json -> 'perToken' ->> 'outText')::numeric / 1000000000 AS output_cost_per_1k
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
