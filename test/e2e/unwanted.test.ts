import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { type LaneBundle, laneBundle } from '../support/lanes.ts';
import { until } from '../support/until.ts';
import { type WorkerProcess, workerProcess } from '../support/worker-process.ts';

/**
 * Messages that a person opted out of through the API are not sent by a real worker: the provider's ledger proves it.
 */
let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
let api: ApiUnderTest;
let worker: WorkerProcess;

beforeAll(async () => {
  bundle = await laneBundle();
  simulator = await simulatorUnderTest();
  api = await apiUnderTest(bundle.databaseUrl);
  const account = (channel: 'email' | 'sms') => ({
    id: `to-${channel}`,
    provider: 'generic',
    environments: ['live'],
    channel,
    url: `${simulator.httpUrl}/generic/${channel}`,
    credentials: { secret: 'simulator-shared-secret' },
  });
  worker = await workerProcess(bundle, [account('email'), account('sms')], ['critical', 'normal', 'bulk']);
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await api?.close();
  await simulator?.end();
  await bundle?.close();
});

async function person(id: string, preferences: object): Promise<void> {
  const fields = { email: `${id}@example.test`, phone: '+14155552671' };
  expect((await api.request('PUT', `/v1/recipients/${id}`, fields)).status).toBe(201);
  expect((await api.request('PUT', `/v1/recipients/${id}/preferences`, preferences)).status).toBe(200);
}

async function send(recipient_id: string, more: object = {}): Promise<string> {
  const content = { subject: 'Hello', text: 'Hello' };
  const answer = await api.request('POST', '/v1/notifications', {
    to: { recipient_id },
    route: ['email'],
    content,
    ...more,
  });
  expect(answer.status).toBe(202);
  return answer.body.id;
}

const becomes = (id: string, status: string) =>
  until(
    `${id} to become ${status}`,
    async () => {
      const { body } = await api.request('GET', `/v1/notifications/${id}`);
      return body.status === status && body;
    },
    { timeoutMs: 25_000 },
  );
const reasonsOf = (body: { timeline: { reason: string }[] }) => body.timeline.map(({ reason }) => reason);
const arrivals = async (id: string) =>
  (await simulator.ledger()).filter((line) => line.notification_id === id).map(({ channel }) => channel);

test('a suppressed address gets nothing, and the message continues on the next channel', async () => {
  await person('ada', {});
  await api.request('POST', '/v1/suppressions', { channel: 'email', address: 'ADA@example.test' });
  const only = await becomes(await send('ada', { priority: 'critical' }), 'suppressed');
  expect(only.attempts).toEqual([]);
  expect(await arrivals(only.id)).toEqual([]);
  const onward = await becomes(await send('ada', { route: ['email', 'sms'] }), 'sent');
  expect(reasonsOf(onward)).toContain('the email address is suppressed (manual); goes on by sms');
  expect(await arrivals(onward.id)).toEqual(['sms']);
});

test('opt-outs hold for what was accepted before them', async () => {
  await person('bo', {});
  const soon = new Date(Date.now() + 1500).toISOString();
  const planned = await send('bo', { category: 'news', send_at: soon });
  await api.request('PUT', '/v1/recipients/bo/preferences', { categories: { news: false } });
  const skipped = await becomes(planned, 'skipped');
  expect(reasonsOf(skipped)).toContain('the recipient has opted out of the category news');
  expect(await arrivals(planned)).toEqual([]);
  await becomes(await send('bo', { category: 'orders' }), 'sent');
});

test('quiet hours hold a message, a one-time password goes at once, and afterwards the held one goes', async () => {
  const clock = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString().slice(11, 16);
  const quiet_hours = { start: clock(-3_600_000), end: clock(7_200_000), time_zone: 'UTC' };
  await person('cy', { quiet_hours });
  const held = await send('cy');
  const { next_attempt_at: endsAt } = await becomes(held, 'scheduled');
  expect(Date.parse(endsAt) - Date.now()).toBeGreaterThan(3_600_000);
  const code = await becomes(await send('cy', { priority: 'critical' }), 'sent');
  expect(await arrivals(code.id)).toEqual(['email']);
  expect(await arrivals(held)).toEqual([]);

  await api.request('PUT', '/v1/recipients/cy/preferences', { quiet_hours: null });
  const sent = await becomes(held, 'sent');
  expect(sent).toMatchObject({ attempt_count: 1 });
  expect(await arrivals(held)).toEqual(['email']);
});

test('of many messages at once no more than the cap arrive', async () => {
  await person('di', { caps: [{ channel: 'email', max: 3, window_seconds: 3600 }] });
  const notifications = Array.from({ length: 60 }, () => ({
    to: { recipient_id: 'di' },
    channel: 'email',
    priority: 'bulk',
    content: { subject: 'Many', text: 'Many' },
  }));
  const { body } = await api.request('POST', '/v1/notifications/batch', { notifications });
  const ids: string[] = body.results.map(({ id }: { id: string }) => id);
  const counts = await until('all to end', async () => {
    const rows = await bundle.db.sql<{ state: string; count: number }[]>`
      select state, count(*)::int as count from notifications where id = any (${ids}::uuid[]) group by state`;
    const done = rows.every(({ state }) => state === 'sent' || state === 'skipped');
    return done && Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  });
  expect(counts).toEqual({ sent: 3, skipped: 57 });
  const lines = (await simulator.ledger()).filter((line) => ids.includes(line.notification_id ?? ''));
  expect(lines).toHaveLength(3);
});
