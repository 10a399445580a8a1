import { randomUUID } from 'node:crypto';
import type { State } from '@carillon/core/notification/states';
import type { BulkOrder } from '@carillon/db/bulk/read-bulk-actions';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { startBulkAction } from '@carillon/services/bulk/start';
import { getBulk, stopBulk } from '@carillon/services/bulk/stop';
import type { FilterQuery } from '@carillon/services/notifications/filter';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { insertApp, insertNotification } from '../../../../test/support/rows.ts';
import { bulk } from './bulk.ts';

let database: TestDatabase;
let db: Database;
let tenant: { appId: string; environment: 'test' };
beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase({ url: database.url, name: 'bulk-test', connections: 8 });
});
beforeEach(async () => {
  tenant = { appId: await insertApp(db.sql), environment: 'test' };
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

async function inState(state: State, over: { expiresAt?: Date } = {}): Promise<string> {
  const { sql } = db;
  const id = await insertNotification(sql, { appId: tenant.appId, announced: false, ...over });
  const inAnHour = new Date(Date.now() + 3_600_000);
  const isTried = !['scheduled', 'queued'].includes(state);
  await sql`
    update notifications set state = ${state}, send_at = ${state === 'scheduled' ? inAnHour : null},
      next_attempt_at = ${state === 'scheduled' ? inAnHour : null}, queued_at = ${state === 'queued' ? new Date() : null},
      attempt_count = ${isTried ? 5 : 0}, tries = ${isTried ? 5 : 0}, provider = ${isTried ? 'smtp' : null},
      error_code = ${isTried ? 'x' : null}, error = ${isTried ? 'x' : null}
    where id = ${id}`;
  return id;
}

const start = async (
  order: Partial<Omit<BulkOrder, 'filter'>> & { filter: FilterQuery },
  idempotencyKey: string | null = null,
) =>
  (
    await startBulkAction(
      { db: db.sql, actor: 'key:k' },
      {
        tenant,
        idempotencyKey,
        order: {
          action: 'retry',
          sendAt: null,
          acceptDuplicateRisk: false,
          dryRun: false,
          ratePerSecond: 200,
          ...order,
        },
      },
    )
  ).action;

/** A process of its own, whose clock every turn finds one second later. */
function runner() {
  let clock = 0;
  const woken: string[] = [];
  const entered: string[] = [];
  const duty = bulk({
    sql: db.sql,
    wake: (priority) => woken.push(priority),
    onEntered: ({ state }) => entered.push(state),
    stopping: new AbortController().signal,
    now: () => {
      clock += 1;
      return clock;
    },
  });
  const turn = () => {
    clock += 1000;
    return duty.runOnce();
  };
  return { turn, woken, entered };
}
const untilOver = async (id: string, { turn } = runner()) => {
  for (let turns = 0; turns < 50; turns++) {
    await turn();
    const action = await getBulk({ db: db.sql }, tenant, id);
    if (action.state !== 'running') return action;
  }
  throw new Error(`the bulk action ${id} does not end`);
};
const stateOf = async (id: string): Promise<State> =>
  (await db.sql<[{ state: State }]>`select state from notifications where id = ${id}`)[0].state;

describe('a bulk action', () => {
  test('retries what matches the filter, and nothing else', async () => {
    const dead = [await inState('dead'), await inState('dead'), await inState('dead')];
    const others = [await inState('failed'), await inState('sent'), await inState('queued')];
    const process = runner();
    const { id, matched } = await start({ filter: { status: 'dead' } });
    const ended = await untilOver(id, process);
    expect(matched).toBe(3);
    expect(ended).toMatchObject({ state: 'done', done: 3, skipped: {} });
    expect(await Promise.all(dead.map(stateOf))).toEqual(['pending', 'pending', 'pending']);
    expect(await Promise.all(others.map(stateOf))).toEqual(['failed', 'sent', 'queued']);
    expect(process).toMatchObject({ woken: Array(3).fill('normal'), entered: Array(3).fill('pending') });
    const announced = await db.sql<{ ids: string[] }[]>`
      select ids from outbox where ids && ${dead}::uuid[]`;
    expect(announced.flatMap(({ ids }) => ids).sort()).toEqual(dead.sort());
  });

  test('cancels and reschedules by the rules of a single request, and counts what they refuse by reason', async () => {
    const mine = { channel: 'email' } as const;
    const [scheduled, queued, sent] = [
      await inState('scheduled'),
      await inState('queued'),
      await inState('sent'),
    ];
    const sendAt = new Date(Date.now() + 7_200_000);
    const short = await inState('scheduled', { expiresAt: new Date(Date.now() + 3_700_000) });
    const moved = await untilOver((await start({ action: 'reschedule', sendAt, filter: mine })).id);
    expect(moved).toMatchObject({ done: 2, skipped: { expired: 1, wrong_state: 1 } });
    expect(await stateOf(queued)).toBe('scheduled');
    const cancelled = await untilOver((await start({ action: 'cancel', filter: mine })).id);
    expect(cancelled).toMatchObject({ done: 3, skipped: { wrong_state: 1 } });
    expect(await Promise.all([scheduled, queued, short, sent].map(stateOf))).toEqual([
      'cancelled',
      'cancelled',
      'cancelled',
      'sent',
    ]);
  });

  test('retries what may have arrived only where that risk is accepted', async () => {
    const doubtful = await inState('in_doubt');
    const careful = await untilOver((await start({ filter: { status: 'in_doubt' } })).id);
    expect(careful).toMatchObject({ done: 0, skipped: { may_have_arrived: 1 } });
    expect(await stateOf(doubtful)).toBe('in_doubt');
    const bold = await start({ filter: { status: 'in_doubt' }, acceptDuplicateRisk: true });
    expect(await untilOver(bold.id)).toMatchObject({ done: 1, skipped: {} });
    expect(await stateOf(doubtful)).toBe('pending');
  });

  test('moves what existed when it was requested: what came later stays', async () => {
    const before = await inState('dead');
    const { id } = await start({ filter: { status: 'dead' } });
    const after = await inState('dead');
    expect(await untilOver(id)).toMatchObject({ done: 1 });
    expect([await stateOf(before), await stateOf(after)]).toEqual(['pending', 'dead']);
  });

  test('keeps to its rate', async () => {
    for (let n = 0; n < 12; n++) await inState('dead');
    await start({ filter: { status: 'dead' }, ratePerSecond: 5 });
    const { turn } = runner();
    expect([await turn(), await turn(), await turn()]).toEqual([5, 5, 2]);
  });

  test('counts and moves each notification once although several processes carry it out', async () => {
    const ids = [];
    for (let n = 0; n < 30; n++) ids.push(await inState('dead'));
    const { id } = await start({ filter: { status: 'dead' } });
    const processes = [runner(), runner(), runner()];
    for (let turns = 0; turns < 40; turns++) {
      await Promise.all(processes.map(({ turn }) => turn()));
      if ((await getBulk({ db: db.sql }, tenant, id)).state === 'done') break;
    }
    expect(await getBulk({ db: db.sql }, tenant, id)).toMatchObject({
      state: 'done',
      done: 30,
      skipped: {},
    });
    const moves = await db.sql`
      select from notification_history where notification_id = any (${ids}::uuid[]) and detail ->> 'bulk_id' = ${id}`;
    expect(moves.count).toBe(30);
  });

  test('goes on where a process that died had come to', async () => {
    for (let n = 0; n < 9; n++) await inState('dead');
    const { id } = await start({ filter: { status: 'dead' }, ratePerSecond: 4 });
    const first = runner();
    await first.turn();
    await first.turn();
    expect(await getBulk({ db: db.sql }, tenant, id)).toMatchObject({ state: 'running', done: 8 });
    expect(await untilOver(id, runner())).toMatchObject({ done: 9 });
  });

  test('moves nothing once it is stopped', async () => {
    const ids = [];
    for (let n = 0; n < 6; n++) ids.push(await inState('dead'));
    const { id } = await start({ filter: { status: 'dead' }, ratePerSecond: 4 });
    const process = runner();
    await process.turn();
    const stopped = await stopBulk({ db: db.sql, actor: 'key:k' }, { tenant, id });
    expect(stopped).toMatchObject({ state: 'stopped', done: 4 });
    expect(await process.turn()).toBe(0);
    const states = await Promise.all(ids.map(stateOf));
    expect(states.filter((state) => state === 'pending')).toHaveLength(4);
  });

  test('of another app or environment finds nothing of this one', async () => {
    const theirs = await inState('dead');
    tenant = { ...tenant, appId: await insertApp(db.sql) };
    const { id, matched } = await start({ filter: { status: 'dead' } });
    expect(matched).toBe(0);
    expect(await untilOver(id)).toMatchObject({ done: 0 });
    expect(await stateOf(theirs)).toBe('dead');
  });

  test('is one entry in the audit log, which holds no address; once it is over, neither does the action', async () => {
    const { id } = await start({ filter: { status: 'dead', address: 'ada@example.com' } });
    await untilOver(id);
    const entries = await db.sql`
      select action, subject, detail from audit_log where app_id = ${tenant.appId}`;
    expect(entries).toEqual([
      {
        action: 'notification.bulk_retry',
        subject: `bulk:${id}`,
        detail: { filter: { status: 'dead', address: '(removed)' }, matched: 0, environment: 'test' },
      },
    ]);
    expect((await getBulk({ db: db.sql }, tenant, id)).filter).toEqual({
      status: 'dead',
      address: '(removed)',
    });
  });

  test('that is only a dry run counts and moves nothing', async () => {
    const id = await inState('dead');
    const action = await start({ filter: { status: 'dead' }, dryRun: true });
    expect(action).toMatchObject({ state: 'done', matched: 1, done: 0 });
    await runner().turn();
    expect(await stateOf(id)).toBe('dead');
  });

  test('is started once by any number of equal requests with one key', async () => {
    await inState('dead');
    const key = randomUUID();
    const actions = await Promise.all(
      Array.from({ length: 5 }, () => start({ filter: { status: 'dead' } }, key)),
    );
    expect(new Set(actions.map(({ id }) => id)).size).toBe(1);
    await expect(start({ filter: { status: 'failed' } }, key)).rejects.toMatchObject({
      code: 'idempotency_conflict',
    });
  });

  test('is refused while five of the app and environment are running', async () => {
    for (let n = 0; n < 5; n++) await start({ filter: { status: 'dead' } });
    await expect(start({ filter: { status: 'dead' } })).rejects.toMatchObject({ code: 'invalid_state' });
    await expect(start({ filter: { status: 'dead' }, dryRun: true })).resolves.toMatchObject({ matched: 0 });
  });
});

test('an action whose filter a newer release narrowed further is left to that release', async () => {
  const dead = await inState('dead');
  const action = await start({ filter: { status: 'dead' } });
  await db.sql`update bulk_actions set filter = filter || '{"colour": "red"}' where id = ${action.id}`;
  const it = runner();
  for (let turns = 0; turns < 3; turns++) await it.turn();
  expect(await getBulk({ db: db.sql }, tenant, action.id)).toMatchObject({ state: 'running', done: 0 });
  const [row] = await db.sql`select state from notifications where id = ${dead}`;
  expect(row!.state).toBe('dead');
  await stopBulk({ db: db.sql, actor: 'key:k' }, { tenant, id: action.id });
});
