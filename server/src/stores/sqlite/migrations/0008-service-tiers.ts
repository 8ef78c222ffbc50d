import type { Migration } from './migration.ts'

/** Tiers that bill at other rates, and tokens of other models inside an attempt. */
export const serviceTiers: Migration = {
  up: `
    -- elsewhere: JSON, with the versions of the prices; elsewhere_tokens: their sum, for counters.
    ALTER TABLE entries ADD COLUMN service_tier TEXT;
    ALTER TABLE entries ADD COLUMN elsewhere TEXT;
    ALTER TABLE entries ADD COLUMN elsewhere_tokens INTEGER;
    ALTER TABLE prices ADD COLUMN service_tiers TEXT;
  `,
  down: `
    ALTER TABLE prices DROP COLUMN service_tiers;
    ALTER TABLE entries DROP COLUMN elsewhere_tokens;
    ALTER TABLE entries DROP COLUMN elsewhere;
    ALTER TABLE entries DROP COLUMN service_tier;
  `,
}
