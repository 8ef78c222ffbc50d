import { type Migration, TEXT } from './migration.ts'

/** What was refused, and which thresholds were crossed. */
export const refusals: Migration = {
  up: `
    -- A capped sample. details: JSON.
    CREATE TABLE refusals (
      tenant_id  ${TEXT} NOT NULL,
      at_ms      bigint NOT NULL,
      refusal_id ${TEXT} NOT NULL,
      call_id    ${TEXT} NOT NULL,
      user_id    ${TEXT} NOT NULL,
      key_id     ${TEXT} NOT NULL,
      provider   ${TEXT},
      model      ${TEXT},
      code       ${TEXT} NOT NULL,
      limit_id   ${TEXT},
      shadow     bigint NOT NULL,
      message    ${TEXT} NOT NULL,
      details    ${TEXT} NOT NULL,
      PRIMARY KEY (tenant_id, at_ms, refusal_id)
    );
    CREATE INDEX refusals_by_user ON refusals (tenant_id, user_id, at_ms, refusal_id);
    CREATE INDEX refusals_by_call ON refusals (tenant_id, call_id);

    -- All of them. model and limit_id are '' where there is none, since a key has no nulls.
    CREATE TABLE refusal_counts (
      tenant_id ${TEXT} NOT NULL,
      start_ms  bigint NOT NULL,
      user_id   ${TEXT} NOT NULL,
      model     ${TEXT} NOT NULL,
      code      ${TEXT} NOT NULL,
      limit_id  ${TEXT} NOT NULL,
      shadow    bigint NOT NULL,
      count     bigint NOT NULL,
      PRIMARY KEY (tenant_id, start_ms, user_id, model, code, limit_id, shadow)
    ) WITH (fillfactor = 70);

    CREATE TABLE crossings (
      tenant_id   ${TEXT} NOT NULL,
      crossing_id ${TEXT} NOT NULL,
      limit_id    ${TEXT} NOT NULL,
      counter_id  ${TEXT} NOT NULL,
      threshold   bigint NOT NULL,
      amount      bigint NOT NULL,
      settled     bigint NOT NULL,
      at_ms       bigint NOT NULL,
      PRIMARY KEY (tenant_id, crossing_id)
    );
    CREATE INDEX crossings_by_time ON crossings (tenant_id, at_ms, crossing_id);
  `,
  down: `
    DROP TABLE crossings;
    DROP TABLE refusal_counts;
    DROP TABLE refusals;
  `,
}
