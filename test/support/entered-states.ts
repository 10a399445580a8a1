import type { Sql } from 'postgres';

/** How many notifications of a channel and priority entered a state. */
export interface EnteredCount {
  channel: string;
  priority: string;
  state: string;
  count: number;
}

/**
 * Records every change of a state in the database itself, by whatever statement, to be compared with what programs
 * count.
 *
 * @param names what counts, and how the metric spells it.
 * @returns a function that reads what was entered since.
 */
export async function watchEntered(
  sql: Sql,
  names: Readonly<Record<string, string>>,
): Promise<() => Promise<EnteredCount[]>> {
  await sql.unsafe(`
    create table entered_states (channel text, priority text, state text);
    create function note_entered() returns trigger language plpgsql as $$
    begin
      insert into entered_states values (new.channel, new.priority, case tg_op when 'INSERT' then 'created' else new.state end);
      return null;
    end $$;
    create trigger note_created after insert on notifications for each row execute function note_entered();
    create trigger note_entered after update on notifications for each row
      when (old.state is distinct from new.state) execute function note_entered();`);
  return async () => {
    const rows = await sql<EnteredCount[]>`
      select channel, priority, state, count(*)::int as count from entered_states
      where state = any (${Object.keys(names)}) group by channel, priority, state`;
    return rows.map((row) => ({ ...row, state: names[row.state]! })).sort(byLabels);
  };
}

const byLabels = (a: EnteredCount, b: EnteredCount): number => labelsOf(a).localeCompare(labelsOf(b));
const labelsOf = ({ channel, priority, state }: EnteredCount): string => `${channel} ${priority} ${state}`;

/** The names of `carillon_notifications_total` for the states that it counts. */
export const COUNTED_STATES: Readonly<Record<string, string>> = {
  created: 'created',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  dead: 'dead',
  in_doubt: 'in_doubt',
  expired: 'expired',
  suppressed: 'suppressed',
  skipped: 'skipped',
  cancelled: 'cancelled',
};

/** What a registry counted, in the form of `watchEntered`, added up over apps, accounts and texts. */
export function countedIn(texts: readonly string[]): EnteredCount[] {
  const sums = new Map<string, EnteredCount>();
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [, labels, value] = /^carillon_notifications_total\{(.*)\} (\d+)$/.exec(line) ?? [];
    if (!labels) continue;
    const of = (name: string): string => new RegExp(`\\b${name}="([^"]*)"`).exec(labels)![1]!;
    const row = { channel: of('channel'), priority: of('priority'), state: of('state'), count: 0 };
    const sum = sums.get(labelsOf(row)) ?? row;
    sum.count += Number(value);
    sums.set(labelsOf(row), sum);
  }
  return [...sums.values()].sort(byLabels);
}
