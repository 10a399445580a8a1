import type { AccountSettings } from '@carillon/providers/accounts/registry';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LaneUnderTest, laneUnderTest } from '../../../../test/support/lane-under-test.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
let worker: LaneUnderTest | undefined;

beforeAll(async () => {
  [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
});
afterEach(async () => {
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  await worker?.stop();
  await bundle.producer.queue('email-normal').obliterate({ force: true });
});
afterAll(async () => {
  await simulator.end();
  await bundle.close();
});

const from = 'Acme <a@acme.example>';
const generic = (id: string): AccountSettings => ({
  id,
  provider: 'generic',
  environments: ['test'],
  order: 1,
  channel: 'email',
  url: `${simulator.httpUrl}/generic/email`,
  credentials: { secret: 'simulator-shared-secret' },
});
const smtp = (id: string): AccountSettings => {
  const { hostname: host, port } = new URL(simulator.smtpUrl);
  return { id, provider: 'smtp', environments: ['test'], order: 1, from, host, port: Number(port) };
};
const resend = (id: string): AccountSettings => ({
  id,
  provider: 'resend',
  environments: ['test'],
  order: 2,
  credentials: { apiKey: 're_simulator' },
  from,
  baseUrl: simulator.httpUrl,
});

async function publish(accounts: AccountSettings[], count: number): Promise<string[]> {
  worker = await laneUnderTest(bundle, { lane: 'email-normal', accounts });
  const ids = await Promise.all(
    Array.from({ length: count }, () =>
      insertNotification(bundle.db.sql, { appId: bundle.appId, priority: 'normal', announced: false }),
    ),
  );
  await bundle.producer.publish('email-normal', { ids });
  return ids;
}
const allBecome = (ids: readonly string[], state: string) =>
  until(`all to be ${state}`, async () =>
    (await Promise.all(ids.map((id) => stateOf(bundle.db.sql, id)))).every((row) => row.state === state),
  );
const attemptsOf = (id: string) =>
  bundle.db.sql`
    select provider, outcome, error_code as code from delivery_attempts where notification_id = ${id} order by n`;

test('an unknown code ends no message while another account is healthy, and the timeline names it', async () => {
  await simulator.behave({ provider: 'generic', status: 400, code: 'brand_new' });
  const [id] = await publish([generic('unknown-1'), resend('unknown-2')], 1);
  await allBecome([id!], 'sent');
  expect(await attemptsOf(id!)).toMatchObject([
    { provider: 'unknown-1', outcome: 'rejected', code: 'brand_new' },
    { provider: 'unknown-2', outcome: 'accepted' },
  ]);
});

test('when all accounts have refused it is failed, and none is called twice', async () => {
  await simulator.behave({ provider: 'generic', status: 400, code: 'brand_new' });
  await simulator.behave({ provider: 'resend', status: 422, code: 'also_new' });
  const [id] = await publish([generic('both-1'), resend('both-2')], 1);
  await allBecome([id!], 'failed');
  expect(await attemptsOf(id!)).toMatchObject([
    { provider: 'both-1', code: 'brand_new' },
    { provider: 'both-2', code: 'also_new' },
  ]);
});

test('full mailboxes open no breaker', async () => {
  await simulator.behave({ provider: 'smtp', status: 452, code: '4.2.2' });
  const ids = await publish([smtp('full-1'), resend('full-2')], 12);
  await allBecome(ids, 'sent');
  await worker!.breakers.duty.runOnce();
  const breakers = await bundle.db.sql`
    select account, state from circuit_breakers where account like 'full-%' order by account`;
  expect(breakers).toEqual([
    { account: 'full-1', state: 'closed' },
    { account: 'full-2', state: 'closed' },
  ]);
});
