import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import { messageTo, requestsOf } from '../cell/message.ts';
import type { Asked } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import { columnNamed, type Scenario } from './scenario.ts';

/** Members of one group: they are accepted, claimed and recorded together. */
const MEMBERS = 60;
/**
 * A group whose culprit is found needs a second, and a busy machine more; one that is held waits as long as the trouble
 * lasts.
 */
const WITHIN_MS = 25_000;

/** Asks for a group before there is a worker: they are all claimed when it starts. */
async function group(cell: Cell): Promise<Asked[]> {
  const column = columnNamed('A (Resend)');
  const items = Array.from({ length: MEMBERS }, (_, n) => messageTo(column, { key: `member-${n}` }));
  return cell.ask(requestsOf(column, items));
}

/** @returns a finding if the neighbours are not all sent in time. */
async function neighboursSent(cell: Cell, ids: readonly string[], culprit: string): Promise<Finding[]> {
  const others = ids.filter((id) => id !== culprit);
  const open = async (): Promise<number> => {
    const [row] = await cell.sql<[{ count: number }]>`
      select count(*)::int as count from notifications where id = any (${others}::uuid[]) and state <> 'sent'`;
    return row.count;
  };
  const endsAt = Date.now() + WITHIN_MS;
  while (Date.now() < endsAt) {
    if ((await open()) === 0) return [];
    await pause(50);
  }
  const why = `${await open()} of ${others.length} neighbours were not sent within ${WITHIN_MS} ms`;
  return [{ rule: 'held_up', id: culprit, why }];
}

/**
 * PostgreSQL always rejects the claim of one message of a group. Held against it: the splitting of groups, and the end
 * of what can never succeed.
 */
export const poisonedMember: Scenario = {
  name: 'poisoned member',
  settleMs: 30_000,
  async play(cell) {
    const asked = await group(cell);
    const ids = asked.map(({ id }) => id);
    const culprit = ids[17]!;
    // Here PostgreSQL rejects it, not a provider.
    asked[17]!.refusable = true;
    await cell.sql.unsafe(`
      create function poison() returns trigger language plpgsql as $$
      begin
        if new.id = '${culprit}' and new.state = 'sending' then raise exception 'poisonous' using errcode = '22P05'; end if;
        return new;
      end $$;
      create trigger poison before update on notifications for each row execute function poison();`);
    cell.startWorker();
    await cell.isUp();
    const findings = await neighboursSent(cell, ids, culprit);
    const state = await until('the culprit to end', async () => {
      const now = await cell.stateOf(culprit);
      return now === 'pending' || now === 'queued' ? null : now;
    }).catch(() => 'waiting');
    if (state !== 'failed')
      findings.push({
        rule: 'held_up',
        id: culprit,
        why: `it is ${state}; it can never be claimed, so it must fail`,
      });
    await cell.sql.unsafe('drop trigger poison on notifications; drop function poison()');
    return { findings };
  },
};

/**
 * Another session has locked one row of a group (a console, a hanging backup). Held against it: a claim and a record
 * with a bounded wait for one row, which then continue without it.
 */
export const foreignLock: Scenario = {
  name: 'foreign row lock',
  settleMs: 60_000,
  async play(cell) {
    const ids = (await group(cell)).map(({ id }) => id);
    const culprit = ids[17]!;
    const findings: Finding[] = [];
    await cell.sql.begin(async (tx) => {
      await tx`select from notifications where id = ${culprit} for update`;
      cell.startWorker();
      await cell.isUp();
      findings.push(...(await neighboursSent(cell, ids, culprit)));
    });
    return { findings };
  },
};
