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

/** A recipient nobody has: the provider refuses it until the behaviour of the simulator changes nothing about that. */
const refused = () =>
  system.send({ to: { phone: '+15005550001' }, channel: 'sms', content: { text: `Hi ${randomUUID()}` } });

test('a failed notification lies in the failed set of its lane, and Retry there starts a new cycle that is audited', async () => {
  const id = await refused();
  await system.becomes(id, ['failed']);
  const queue = openQueue('sms-normal', redis, 'cln');
  const job = await until('its job in the failed set', async () => {
    const found = await queue.getJob(id);
    return (await found?.isFailed()) ? found : null;
  });
  expect(job.failedReason).toContain('failed');
  await job.retry('failed');
  const seen = await until('a second attempt', async () => {
    const { body } = await system.api('GET', `/v1/notifications/${id}`);
    return body.attempts.length === 2 && body.status === 'failed' ? body : null;
  });
  expect(seen.timeline.some((entry: { reason: string }) => /retried by hand/.test(entry.reason))).toBe(true);
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

test('retry through the API sends a failed one again', async () => {
  const id = await refused();
  await system.becomes(id, ['failed']);
  const answer = await system.api('POST', `/v1/notifications/${id}/retry`, {});
  expect(answer.status).toBe(200);
  await until('a second attempt', async () => {
    const { body } = await system.api('GET', `/v1/notifications/${id}`);
    return body.attempts.length === 2 && body.status === 'failed';
  });
});
