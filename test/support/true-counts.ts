import { FINAL_STATES } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import { expect } from 'vitest';

/** The origin that a test's database gives every notification without one. */
const ORIGIN = '00000000-0000-8000-8000-00000000c0de';

const FINAL = FINAL_STATES.map((state) => `'${state}'`).join(', ');

/**
 * Makes every notification of a test's database one of many, and keeps the true counts of their final states beside the
 * product's: a trigger per row sees what statements must report by themselves. Only for tests: per row it costs more
 * than the rest of a small update.
 *
 * Rows that a test writes in a final state count as written so.
 */
export async function keepTrueCounts(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create table true_counts (origin_id uuid, variant smallint, bucket text, n int);
    create function give_origin() returns trigger language plpgsql as $$
    begin
      new.origin_id := coalesce(new.origin_id, '${ORIGIN}');
      new.origin_variant := coalesce(new.origin_variant, 0);
      return new;
    end $$;
    create trigger give_origin before insert on notifications for each row execute function give_origin();
    create function true_count() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' then
        -- What a test stores in a final state was not moved there.
        if new.state in (${FINAL}) then
          insert into count_changes (origin_id, variant, bucket, n) values (new.origin_id, new.origin_variant, new.state, 1);
          insert into true_counts values (new.origin_id, new.origin_variant, new.state, 1);
        end if;
        return null;
      end if;
      if old.state in (${FINAL}) then
        insert into true_counts values (new.origin_id, new.origin_variant, old.state, -1);
      end if;
      if new.state in (${FINAL}) then
        insert into true_counts values (new.origin_id, new.origin_variant, new.state, 1);
      end if;
      return null;
    end $$;
    create trigger true_count_of_new after insert on notifications for each row execute function true_count();
    create trigger true_count after update of state on notifications for each row
      when (old.state is distinct from new.state) execute function true_count();
  `);
}

/** The counts of every origin agree with what the trigger saw. */
export async function expectTrueCounts(sql: Sql): Promise<void> {
  const wrong = await sql`
    select origin_id, variant, bucket, sum(counted)::int as counted, sum(truth)::int as truth
    from (
      select origin_id, variant, bucket, n as counted, 0 as truth from counts
      union all select origin_id, variant, bucket, n, 0 from count_changes
      union all select origin_id, variant, bucket, 0, n from true_counts
    ) all_of_them
    where bucket in (${sql.unsafe(FINAL)})
    group by origin_id, variant, bucket
    having sum(counted) <> sum(truth)`;
  expect(wrong, 'counts of final states that differ from the states of the notifications').toEqual([]);
}
