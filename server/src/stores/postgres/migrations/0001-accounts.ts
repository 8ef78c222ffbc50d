import { type Migration, TEXT } from './migration.ts'

/** Who pays, who consumes, with which credential, under which limits. */
export const accounts: Migration = {
  up: `
    CREATE TABLE tenants (
      tenant_id ${TEXT} PRIMARY KEY,
      version   bigint NOT NULL
    );

    CREATE TABLE users (
      tenant_id     ${TEXT} NOT NULL,
      user_id       ${TEXT} NOT NULL,
      created_at_ms bigint NOT NULL,
      PRIMARY KEY (tenant_id, user_id)
    );

    CREATE TABLE keys (
      tenant_id     ${TEXT} NOT NULL,
      key_id        ${TEXT} NOT NULL,
      user_id       ${TEXT} NOT NULL,
      name          ${TEXT} NOT NULL,
      hash          ${TEXT} NOT NULL UNIQUE,
      last4         ${TEXT} NOT NULL,
      created_at_ms bigint NOT NULL,
      revoked_at_ms bigint,
      PRIMARY KEY (tenant_id, key_id)
    );
    -- A key that is revoked is looked for as one that never was: where it is not found, in the same time. No other index
    -- answers a question in these words.
    CREATE UNIQUE INDEX keys_alive ON keys ((CASE WHEN revoked_at_ms IS NULL THEN hash END));

    -- The key is what a limit counts: each call reads its limits by scope. window_unit and window_zone are '' where the
    -- window has none. thresholds: JSON, NULL where nobody said.
    CREATE TABLE limits (
      tenant_id   ${TEXT} NOT NULL,
      limit_id    ${TEXT} NOT NULL,
      scope_kind  ${TEXT} NOT NULL,
      scope_id    ${TEXT} NOT NULL,
      metric      ${TEXT} NOT NULL,
      window_kind ${TEXT} NOT NULL,
      window_unit ${TEXT} NOT NULL,
      window_zone ${TEXT} NOT NULL,
      amount      bigint,
      mode        ${TEXT} NOT NULL,
      thresholds  ${TEXT},
      PRIMARY KEY (tenant_id, scope_kind, scope_id, metric, window_kind, window_unit, window_zone),
      UNIQUE (tenant_id, limit_id)
    );

    CREATE TABLE settings (
      name  ${TEXT} PRIMARY KEY,
      value ${TEXT} NOT NULL
    );
  `,
  down: `
    DROP TABLE settings;
    DROP TABLE limits;
    DROP TABLE keys;
    DROP TABLE users;
    DROP TABLE tenants;
  `,
}
