import type { Migration } from './migration.ts'

/** Tiers that bill at other rates, tokens of other models inside an attempt, and usages that were not believed. */
export const serviceTiers: Migration = {
  up: `
    -- elsewhere: JSON, with the versions of the prices; elsewhere_tokens: their sum, for counters.
    ALTER TABLE entries ADD COLUMN service_tier TEXT;
    ALTER TABLE entries ADD COLUMN elsewhere TEXT;
    ALTER TABLE entries ADD COLUMN elsewhere_tokens INTEGER;
    ALTER TABLE prices ADD COLUMN service_tiers TEXT;
    CREATE INDEX entries_quarantined ON entries (tenant_id, occurred_at_ms, entry_id) WHERE quarantine IS NOT NULL;
  `,
  down: `
    DROP INDEX entries_quarantined;
    ALTER TABLE prices DROP COLUMN service_tiers;
    ALTER TABLE entries DROP COLUMN elsewhere_tokens;
    ALTER TABLE entries DROP COLUMN elsewhere;
    ALTER TABLE entries DROP COLUMN service_tier;
  `,
}
