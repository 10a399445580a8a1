import { expect, inject, test, vi } from 'vitest';
import { until } from '../support/until.ts';
import type { Cell } from './cell/cell.ts';
import { messageTo, requestsOf } from './cell/message.ts';
import type { PlannedRequest } from './load/plan.ts';
import { withPair } from './neighbours/paired-cell.ts';
import { columnNamed } from './scenarios/scenario.ts';
import { simulatorAt } from './system/simulator.ts';

/** A provider that knows a repeated call by its key, and one that does not. */
const KNOWS = columnNamed('A (Resend)');
const BLIND = columnNamed('D (SMTP), at_most_once');
const SETTLE_MS = 60_000;
vi.setConfig({ testTimeout: 300_000 });

/** One message to each of the two. */
const messages = (key: string): PlannedRequest[] =>
  [KNOWS, BLIND].flatMap((column) =>
    requestsOf(column, [messageTo(column, { key: `${key}-${column.guarantee}` })]),
  );
const untilSent = (cell: Cell, ids: readonly string[]) =>
  until(
    'the messages to be sent',
    async () => (await Promise.all(ids.map(cell.isTaken))).every((isTaken) => isTaken),
    { timeoutMs: 60_000 },
  );

const copiesOf = async (cell: Cell, id: string): Promise<number> =>
  (await simulatorAt(cell.simulatorUrl).ledger()).filter(({ notificationId }) => notificationId === id)
    .length;

test('asynchronous replication: what the standby lacks is lost, although it was answered 202; a repeat is sent again', async () => {
  await withPair(inject('redisUrl'), 'asynchronous standby', async (cell, pair) => {
    cell.startWorker();
    await cell.isUp();
    await untilSent(
      cell,
      (await cell.ask(messages('replicated'))).map(({ id }) => id),
    );
    await cell.settle(SETTLE_MS);
    await until('the standby to have everything', async () => (await pair.behind()) === 0);

    pair.replication.freeze();
    const asked = await cell.ask(messages('behind'));
    expect(asked.map(({ answer }) => answer)).toEqual(['accepted', 'accepted']);
    await untilSent(
      cell,
      asked.map(({ id }) => id),
    );
    await pair.promote();
    await cell.settle(SETTLE_MS);
    const { findings } = await cell.judge();
    // Exactly these: the providers have them, and the database does not know of them. What was replicated is there.
    expect(findings.map(({ rule, id }) => `${rule} ${id}`).toSorted()).toEqual(
      asked.flatMap(({ id }) => [`lost ${id}`, `wrong_state ${id}`]).toSorted(),
    );

    // The finished jobs of what was lost have the ids of its repeats, which would wait for the sweep, half a minute.
    await cell.loseRedis();
    // The clients of an API that lost them repeat them under the same keys.
    const repeated = await cell.ask(messages('behind'));
    expect(repeated.map(({ id }) => id)).toEqual(asked.map(({ id }) => id));
    const [known, blind] = repeated.map(({ id }) => id);
    await until('the blind provider to have it twice', async () => (await copiesOf(cell, blind!)) === 2, {
      timeoutMs: 60_000,
    });
    for (const id of [known!, blind!])
      await until('it to be sent', async () => (await cell.stateOf(id)) === 'sent', { timeoutMs: 60_000 });
    expect(await copiesOf(cell, known!)).toBe(1);
  });
});

test('a synchronous standby: what is not replicated is answered 503, and nothing that was answered 202 is lost', async () => {
  await withPair(inject('redisUrl'), 'synchronous standby', async (cell, pair) => {
    await pair.beSynchronous(true);
    const replicated = await cell.ask(messages('replicated'));
    expect(replicated.map(({ answer }) => answer)).toEqual(['accepted', 'accepted']);

    pair.replication.freeze();
    const answers = await Promise.all(
      messages('behind').map(({ environment, items }) =>
        cell.call(environment, '/v1/notifications', items[0]!.body, AbortSignal.timeout(10_000)),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    await pair.promote();
    // The same keys again, as a client does.
    const repeated = await cell.ask(messages('behind'));
    expect(repeated.map(({ answer }) => answer)).toEqual(['accepted', 'accepted']);
    for (const { id } of [...replicated, ...repeated]) expect(await cell.stateOf(id)).toBe('pending');
  });
});
