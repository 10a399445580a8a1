import { STATES, TRANSITIONS } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';

/**
 * Makes a test's database refuse every change of state that the transition table does not have, so that a statement
 * which writes its guard out by hand cannot drift from the table. Only for tests: it costs every update a look-up.
 */
export async function guardTransitions(sql: Sql): Promise<void> {
  const allowed = STATES.flatMap((from) => Object.keys(TRANSITIONS[from]).map((to) => `'${from}>${to}'`));
  await sql.unsafe(`
    create function transition_guard() returns trigger language plpgsql as $$
    begin
      if old.state <> new.state and old.state || '>' || new.state not in (${allowed.join(', ')}) then
        raise exception 'the transition table has no way from % to %', old.state, new.state;
      end if;
      return new;
    end $$;
    create trigger transition_guard before update on notifications for each row execute function transition_guard();
  `);
}
