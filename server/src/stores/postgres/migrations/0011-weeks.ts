import { FORGET_ACCOUNT_DAYS_AND_WEEKS, MAKE_ACCOUNT_DAYS_AND_WEEKS } from '../../rows/kept-cells.ts'
import type { Migration } from './migration.ts'

/** A season of one user is then read in a hundred places instead of two thousand, and one of all users by the week. */
export const weeks: Migration = {
  up: `
    ${MAKE_ACCOUNT_DAYS_AND_WEEKS};
    -- What one user's calls were refused for, without those of all others.
    CREATE INDEX refusal_counts_by_user ON refusal_counts (tenant_id, user_id, start_ms);
  `,
  down: `
    DROP INDEX refusal_counts_by_user;
    ${FORGET_ACCOUNT_DAYS_AND_WEEKS};
  `,
}
