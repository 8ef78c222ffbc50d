import { type Migration, TEXT } from './migration.ts'

/** The cubes: their coordinates are the key, in the order in which reports narrow them. */
export const rollups: Migration = {
  up: `
    CREATE TABLE rollups (
      tenant_id            ${TEXT} NOT NULL,
      cube                 ${TEXT} NOT NULL,
      grain                ${TEXT} NOT NULL,
      start_ms             bigint NOT NULL,
      user_id              ${TEXT} NOT NULL,
      key_id               ${TEXT} NOT NULL,
      provider             ${TEXT} NOT NULL,
      model                ${TEXT} NOT NULL,
      outcome              ${TEXT} NOT NULL,
      evidence             ${TEXT} NOT NULL,
      in_uncached          bigint NOT NULL,
      in_cache_read        bigint NOT NULL,
      in_cache_write5m     bigint NOT NULL,
      in_cache_write1h     bigint NOT NULL,
      in_cache_write_other bigint NOT NULL,
      in_audio             bigint NOT NULL,
      in_image             bigint NOT NULL,
      in_tool_prompt       bigint NOT NULL,
      out_text             bigint NOT NULL,
      out_reasoning        bigint NOT NULL,
      out_audio            bigint NOT NULL,
      out_image            bigint NOT NULL,
      entries              bigint NOT NULL,
      requests             bigint NOT NULL,
      cost_nano_usd        bigint NOT NULL,
      unpriced             bigint NOT NULL,
      unknown              bigint NOT NULL,
      duration_ms          bigint NOT NULL,
      PRIMARY KEY (tenant_id, cube, grain, start_ms, user_id, key_id, provider, model, outcome, evidence)
    ) WITH (fillfactor = 70);
  `,
  down: `
    DROP TABLE rollups;
  `,
}
