import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type ResolverUnderTest, resolverUnderTest } from '../../../../test/support/resolver-under-test.ts';
import { stateOf } from '../../../../test/support/rows.ts';

/** A doubt that hits a defect is looked at five times, not without end; the others are settled meanwhile. */
let it: ResolverUnderTest;
beforeAll(async () => {
  it = await resolverUnderTest();
  // The defect: PostgreSQL refuses every journal entry of some notifications, except that they are held.
  await it.db.sql.unsafe(`
    create table refused (id uuid primary key, code text not null);
    create function refuse() returns trigger language plpgsql as $$
    declare with_code text;
    begin
      select code into with_code from refused where id = new.notification_id;
      if with_code is not null and coalesce(new.detail ->> 'how', '') <> 'held' then
        raise exception 'refused' using errcode = with_code;
      end if;
      return new;
    end $$;
    create trigger refuse before insert on notification_history for each row execute function refuse();`);
});
afterAll(() => it.close());
beforeEach(async () => {
  it.errors.length = 0;
  await it.db.sql`delete from refused`;
});

async function doubt(): Promise<string> {
  await it.simulator.behave({ provider: 'resend', mode: 'accept_then_drop' });
  const id = await it.send('resend');
  await fetch(`${it.simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  return id;
}
const fails = (id: string, code: string) => it.db.sql`insert into refused values (${id}, ${code})`;
async function looks(times: number, ...ids: string[]): Promise<void> {
  for (let n = 0; n < times; n++) {
    for (const id of ids) await it.age(id, 0);
    await it.resolveOnce();
  }
}
const isHeld = async (id: string): Promise<boolean> => {
  const { state, next_attempt_at: next } = await stateOf(it.db.sql, id);
  return state === 'in_doubt' && next === null;
};

test('after five looks that failed a doubt waits for a person, with the reason in its journal', async () => {
  const id = await doubt();
  await fails(id, '23514');
  await looks(4, id);
  expect([await isHeld(id), it.errors.length]).toEqual([false, 4]);
  await looks(1, id);
  expect([await isHeld(id), it.errors.length]).toEqual([true, 5]);
  const last = (await it.journal(id)).at(-1)!;
  expect(last.reason).toBe(
    "waits for a person: 5 looks at it failed (PostgresError); the worker's log has the details",
  );
  expect(await it.accepted(id)).toHaveLength(1);
});

test('the others of the same turns are settled', async () => {
  const [poisoned, good] = [await doubt(), await doubt()];
  await fails(poisoned, '23514');
  await looks(1, poisoned, good);
  expect((await stateOf(it.db.sql, good)).state).toBe('sent');
});

test('an outage of PostgreSQL does not count as a failed look, however often', async () => {
  const id = await doubt();
  await fails(id, '57P03');
  await looks(7, id);
  expect([await isHeld(id), it.errors.length]).toEqual([false, 7]);
  await it.db.sql`delete from refused`;
  await looks(1, id);
  expect((await stateOf(it.db.sql, id)).state).toBe('sent');
});
