import { CROSSING, writeBeside } from './0006-beside.ts'
import { type Migration, namesOf, TEXT } from './migration.ts'

const NAMES = namesOf(CROSSING).join(', ')

/** Which crossings are told over which channel. Those that were there before are told over none. */
export const deliveries: Migration = {
  up: `
    CREATE TABLE deliveries (
      tenant_id   ${TEXT} NOT NULL,
      crossing_id ${TEXT} NOT NULL,
      channel     ${TEXT} NOT NULL,
      attempts    bigint NOT NULL,
      due_ms      bigint,
      tried_ms    bigint,
      error       ${TEXT},
      PRIMARY KEY (tenant_id, crossing_id, channel)
    );
    -- Only those that have not ended: few, however many there were.
    CREATE INDEX deliveries_due ON deliveries (channel, due_ms) WHERE due_ms IS NOT NULL;

    ${writeBeside(`
        WITH fresh AS (
          SELECT DISTINCT ON (tenant_id, crossing_id) ${NAMES}, channels
          FROM json_to_recordset(rows -> 'crossings') AS fresh (plan int, ${CROSSING}, channels text)
          WHERE is_committed[plan] ORDER BY tenant_id, crossing_id, plan
        ), put AS (
          INSERT INTO crossings (${NAMES}) SELECT ${NAMES} FROM fresh ORDER BY tenant_id, crossing_id
          ON CONFLICT DO NOTHING RETURNING tenant_id, crossing_id
        )
        INSERT INTO deliveries (tenant_id, crossing_id, channel, attempts, due_ms)
        SELECT tenant_id, crossing_id, unnest(string_to_array(channels, ' ')), 0, 0
        FROM put JOIN fresh USING (tenant_id, crossing_id);`)}
  `,
  down: `
    ${writeBeside()}
    DROP TABLE deliveries;
  `,
}
