import type { Migration } from './migration.ts'

/**
 * The arithmetic of sliding minutes, as core/minute.ts has it: the differential suite holds both to the same answers.
 * Sub-buckets are start, settled, held, start, … in order of time.
 */
export const minutes: Migration = {
  up: `
    CREATE TYPE minute AS (buckets bigint[]);

    -- Whether a sub-bucket of 5 s is still inside of the last 60 s.
    CREATE FUNCTION is_alive(start_ms bigint, now_ms bigint) RETURNS boolean LANGUAGE sql IMMUTABLE
      RETURN start_ms + 65000 > now_ms;

    CREATE FUNCTION minute_value(buckets bigint[], now_ms bigint, OUT settled bigint, OUT held bigint)
      LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
      settled := 0;
      held := 0;
      FOR at IN 0 .. coalesce(cardinality(buckets), 0) / 3 - 1 LOOP
        IF is_alive(buckets[at * 3 + 1], now_ms) THEN
          settled := settled + buckets[at * 3 + 2];
          held := held + buckets[at * 3 + 3];
        END IF;
      END LOOP;
    END $$;

    -- The sub-buckets after a move in that of counted_ms. What a minute can no longer see is dropped.
    CREATE FUNCTION minute_after(buckets bigint[], counted_ms bigint, now_ms bigint, add_settled bigint, add_held bigint)
      RETURNS bigint[] LANGUAGE plpgsql IMMUTABLE AS $$
    DECLARE
      moved_ms bigint := counted_ms - mod(mod(counted_ms, 5000) + 5000, 5000);
      moved bigint[];
      result bigint[] := '{}';
      is_placed boolean := NOT is_alive(moved_ms, now_ms);
      start_ms bigint;
    BEGIN
      -- A hold whose sub-bucket was dropped has nothing to give back: negative sums would make room.
      moved := ARRAY[moved_ms, add_settled, greatest(add_held, 0)];
      FOR at IN 0 .. coalesce(cardinality(buckets), 0) / 3 - 1 LOOP
        start_ms := buckets[at * 3 + 1];
        IF NOT is_placed AND start_ms >= moved_ms THEN
          IF start_ms = moved_ms THEN
            moved := ARRAY[moved_ms, buckets[at * 3 + 2] + add_settled, greatest(buckets[at * 3 + 3] + add_held, 0)];
          END IF;
          result := result || moved;
          is_placed := true;
        END IF;
        IF start_ms <> moved_ms AND is_alive(start_ms, now_ms) THEN
          result := result || buckets[at * 3 + 1 : at * 3 + 3];
        END IF;
      END LOOP;
      IF NOT is_placed THEN result := result || moved; END IF;
      RETURN result;
    END $$;

    -- When the oldest sub-bucket that counts anything leaves the minute; NULL where none does.
    CREATE FUNCTION minute_frees_at(buckets bigint[], now_ms bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
      FOR at IN 0 .. coalesce(cardinality(buckets), 0) / 3 - 1 LOOP
        IF is_alive(buckets[at * 3 + 1], now_ms) AND buckets[at * 3 + 2] + buckets[at * 3 + 3] > 0 THEN
          RETURN buckets[at * 3 + 1] + 65000;
        END IF;
      END LOOP;
      RETURN NULL;
    END $$;
  `,
  down: `
    DROP FUNCTION minute_frees_at(bigint[], bigint);
    DROP FUNCTION minute_after(bigint[], bigint, bigint, bigint, bigint);
    DROP FUNCTION minute_value(bigint[], bigint);
    DROP FUNCTION is_alive(bigint, bigint);
    DROP TYPE minute;
  `,
}
