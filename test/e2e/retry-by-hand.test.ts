import { randomUUID } from 'node:crypto';
import { openQueue } from '@carillon/queue/lane-queue';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

let system: RunningSystem;
let redis: Redis;
beforeAll(async () => {
  system = await runningSystem();
  redis = new Redis(system.run().redis_url, { maxRetriesPerRequest: null });
}, 120_000);
afterAll(async () => {
  redis?.disconnect();
  await system?.stop();
});

/**
 * Fails permanently because the provider rejects every message as empty; by the time a person retries it, it does not.
 */
const refused = async (): Promise<string> => {
  await system.behave({ provider: 'twilio', status: 400, code: '21602', for_seconds: 60 });
  const content = { text: `Hi ${randomUUID()}` };
  const id = await system.send({ to: { phone: '+14155550100' }, channel: 'sms', content });
  await system.becomes(id, ['failed']);
  await system.behave(null);
  return id;
};
const copies = async (id: string) =>
  (await system.ledger()).filter((line) => line.notification_id === id).length;

test('the job of a failed notification is in the failed set of its lane; Retry there delivers it and leaves an audit row', async () => {
  const id = await refused();
  const queue = openQueue('sms-normal', redis, 'cln');
  const job = await until('its job in the failed set', async () => {
    const found = await queue.getJob(id);
    return (await found?.isFailed()) ? found : null;
  });
  expect(job.failedReason).toContain('failed');
  expect(await copies(id)).toBe(0);
  await job.retry('failed');
  const seen = await system.becomes(id, ['sent']);
  expect(seen).toMatchObject({ attempts: [{ outcome: 'rejected' }, { outcome: 'accepted' }] });
  expect(JSON.stringify(seen.timeline)).toContain('retried by hand');
  expect(await copies(id)).toBe(1);
  const sql = postgres(system.run().database_url, { max: 1 });
  const audit = await sql`select action from audit_log where subject = ${`notification:${id}`}`;
  await sql.end();
  expect(audit.map((row) => row.action)).toContain('notification.retried_in_bull_board');
  await queue.close();
});

test('a member of a chunk that fails leaves it as a job of its own', async () => {
  const notifications = Array.from({ length: 120 }, (_, k) => ({
    to: { phone: k === 60 ? '+15005550001' : '+15005550000' },
    channel: 'sms',
    priority: 'bulk',
    content: { text: `Hi ${k} ${randomUUID()}` },
  }));
  const answer = await system.api('POST', '/v1/notifications/batch', { notifications });
  const ids: string[] = answer.body.results.map((result: { id: string }) => result.id);
  await Promise.all(ids.map((id, k) => system.becomes(id, [k === 60 ? 'failed' : 'sent'])));
  const queue = openQueue('sms-bulk', redis, 'cln');
  await until('its own failed job', async () => (await queue.getJob(ids[60]!))?.isFailed());
  await queue.close();
});

test('retry through the API delivers a failed one, although its failed job is still in the lane', async () => {
  const id = await refused();
  expect((await system.api('POST', `/v1/notifications/${id}/retry`, {})).status).toBe(200);
  await system.becomes(id, ['sent']);
  expect(await copies(id)).toBe(1);
});
