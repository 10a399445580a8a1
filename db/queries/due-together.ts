import type { Sql } from 'postgres';

/**
 * When the job of a waiting notification comes due, so that those of the same second share one: a million planned for
 * one hour would else be a million jobs. At most a second late, never early. Critical ones, and those that would be too
 * late soon after, keep their own moment.
 */
export const dueTogether = (sql: Sql) => sql`
  case
    when priority = 'critical' or expires_at < next_attempt_at + interval '1 minute' then next_attempt_at
    else date_trunc('second', next_attempt_at + interval '999999 microseconds')
  end`;
