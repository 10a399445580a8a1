import { openDatabase } from '@carillon/db/connection/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { laneExpecting } from '../../../../test/support/delivery-context.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { type TcpProxy, tcpProxy } from '../../../../test/support/tcp-proxy.ts';
import { until } from '../../../../test/support/until.ts';
import { claim } from './claim.ts';

let bundle: LaneBundle;
let proxy: TcpProxy;
beforeAll(async () => {
  bundle = await laneBundle();
  proxy = await tcpProxy(Number(new URL(bundle.databaseUrl).port));
});
afterAll(async () => {
  await proxy.close();
  await bundle.close();
});

test('a claim that was committed but whose answer was lost is given back, not left to become a doubt', async () => {
  const url = new URL(bundle.databaseUrl);
  url.host = `127.0.0.1:${proxy.port}`;
  const db = openDatabase({ url: url.href, name: 'losing answers', connections: 2 });
  const lane = laneExpecting('smtp', { sql: db.sql });
  const ids = await Promise.all([1, 2].map(() => insertNotification(bundle.db.sql, { appId: bundle.appId })));
  await db.sql`select 1`;
  // The statement is prepared in a round trip of its own: the first claim on a connection is not what is tested.
  await claim(lane, ids[0]!);
  proxy.loseAnswers();
  await expect(claim(lane, ids[1]!)).rejects.toThrow();
  expect((await stateOf(bundle.db.sql, ids[1]!)).state).toBe('sending');
  await proxy.restore();
  await until(
    'it to be given back',
    async () => (await stateOf(bundle.db.sql, ids[1]!)).state === 'retrying',
  );
  expect(await stateOf(bundle.db.sql, ids[1]!)).toMatchObject({ attempt_count: 0, tries: 0 });
  // An earlier claim stays in hand.
  expect((await stateOf(bundle.db.sql, ids[0]!)).state).toBe('sending');
  await db.close();
});
