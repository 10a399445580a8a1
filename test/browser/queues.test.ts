import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection, workerConnection } from '@carillon/queue/connection';
import { type LaneQueue, openQueue } from '@carillon/queue/lane-queue';
import { prefixOf } from '@carillon/queue/topology';
import { UnrecoverableError, Worker } from 'bullmq';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { startDashboard, type TestDashboard } from './dashboard.ts';

const LANE = 'email-normal';

let dashboard: TestDashboard;
let connections: RedisClient[];
let queue: LaneQueue;
let worker: Worker;
/** Jobs that the worker completes; all others it fails permanently. */
const cured = new Set<string>();

beforeAll(async () => {
  dashboard = await startDashboard();
  const { url, namespace } = dashboard.redis;
  connections = [producerConnection(url, 'browser test'), workerConnection(url, 'browser test worker')];
  queue = openQueue(LANE, connections[0]!, namespace);
  await until('Redis', () => connections[0]!.status === 'ready');
  worker = new Worker(
    LANE,
    async (job) => {
      if (!cured.has(job.id!)) throw new UnrecoverableError('attempts used up: no mailbox ada@example.com');
    },
    { connection: connections[1]!, prefix: prefixOf(LANE, namespace) },
  );
});
afterEach(() => dashboard.leave());
afterAll(async () => {
  await worker?.close();
  await queue?.close();
  for (const connection of connections ?? []) connection.disconnect();
  await dashboard?.stop();
});

test('a failed job is seen in Bull Board, Retry delivers it, and the audit log names who did it', async () => {
  const id = await failedJob();
  const { page, complaints } = await dashboard.signIn('support');
  await page.goto(`${dashboard.url}/queues/queue/${LANE}?status=failed`);
  await page.getByText(id).first().waitFor();
  await page.getByText('attempts used up').first().waitFor();

  expect(await page.getByRole('button', { name: /retry/i }).count()).toBe(1);

  cured.add(id);
  await page.goto(`${dashboard.url}/queues/queue/${LANE}/${id}`);
  expect(await page.locator('button:has(.lucide-pencil)').isVisible()).toBe(false);
  await page.locator('button:has(.lucide-refresh-cw)').click();
  await page.getByRole('button', { name: 'Confirm' }).click();
  await until('the job to be completed', async () => (await queue.getJobState(id)) === 'completed');
  expect(await auditOf('queue.retry')).toEqual([
    { actor: 'staff:support@example.com', subject: `${LANE}/${id}` },
  ]);
  expect(complaints).toEqual([]);
});

test('a viewer reads Bull Board but finds no Retry, and the request itself is refused', async () => {
  const id = await failedJob();
  const { page, complaints } = await dashboard.signIn('viewer');
  await page.goto(`${dashboard.url}/queues/queue/${LANE}?status=failed`);
  await page.getByText(id).first().waitFor();
  await page.getByText('no mailbox a***@example.com').first().waitFor();
  expect(await page.getByRole('button', { name: /retry/i }).count()).toBe(0);
  expect(complaints).toEqual([]);

  const answer = await put(page, `queues/${LANE}/${id}/retry`);
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('needs the scope queues:work');
  expect(await queue.getJobState(id)).toBe('failed');
});

test('support may not pause, empty or obliterate a lane, nor remove a job that has not failed', async () => {
  const waiting = crypto.randomUUID();
  await queue.add('deliver', { v: 1, id: waiting }, { jobId: waiting, delay: 3_600_000 });
  const { page } = await dashboard.signIn('support');
  const refused = ['pause', 'empty', 'obliterate', 'clean/delayed', 'retry/completed', `${waiting}/clean`];
  for (const path of refused) expect((await put(page, `queues/${LANE}/${path}`)).status, path).toBe(403);
  expect((await put(page, 'queues/pause')).status).toBe(403);
  expect(await queue.isPaused()).toBe(false);
  expect(await queue.getJobState(waiting)).toBe('delayed');
});

test('an admin may pause and resume a lane, and both are in the audit log', async () => {
  const { page } = await dashboard.signIn('admin');
  expect((await put(page, `queues/${LANE}/pause`)).status).toBe(200);
  expect(await queue.isPaused()).toBe(true);
  expect((await put(page, `queues/${LANE}/resume`)).status).toBe(200);
  expect(await queue.isPaused()).toBe(false);
  const entry = { actor: 'staff:admin@example.com', subject: LANE };
  expect([await auditOf('queue.pause'), await auditOf('queue.resume')]).toEqual([[entry], [entry]]);
});

test('nobody may add a job or write its data', async () => {
  const id = await failedJob();
  const { page } = await dashboard.signIn('admin');
  const add = await send(page, 'POST', `queues/${LANE}/add`, { name: 'deliver', data: { v: 1, id } });
  const edit = await send(page, 'PATCH', `queues/${LANE}/${id}/update-data`, { jobData: { v: 1, id: 'x' } });
  expect([add.status, edit.status]).toEqual([403, 403]);
  expect((await queue.getJob(id))?.data).toEqual({ v: 1, id });
});

test('a request to Bull Board from another origin, or without a session, is refused', async () => {
  const id = await failedJob();
  const { page } = await dashboard.signIn('admin');
  const url = `${dashboard.url}/queues/api/queues/${LANE}/${id}/retry`;
  const foreign = await page.request.put(url, { headers: { origin: 'https://evil.example' } });
  expect(foreign.status()).toBe(403);
  expect((await fetch(url, { method: 'PUT', headers: { origin: dashboard.url } })).status).toBe(401);
  expect(
    (await fetch(`${dashboard.url}/queues`, { redirect: 'manual', headers: { accept: 'text/html' } })).status,
  ).toBe(303);
  expect(await queue.getJobState(id)).toBe('failed');
});

test('all twelve lanes are there, read-only for a viewer', async () => {
  const { page } = await dashboard.signIn('viewer');
  const response = await page.request.get(`${dashboard.url}/queues/api/queues`);
  const { queues } = (await response.json()) as { queues: { name: string; readOnlyMode: boolean }[] };
  expect(queues).toHaveLength(12);
  expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
});

async function failedJob(): Promise<string> {
  const id = crypto.randomUUID();
  await queue.add('deliver', { v: 1, id }, { jobId: id });
  await until('the job to fail', async () => (await queue.getJobState(id)) === 'failed');
  return id;
}

async function auditOf(action: string): Promise<unknown[]> {
  return [
    ...(await dashboard.db.sql`select actor, subject from audit_log where action = ${action} order by id`),
  ];
}

/** A request as Bull Board's own script would send it, from within its page. */
async function send(page: Page, method: string, path: string, body?: unknown) {
  if (!page.url().includes('/queues')) await page.goto(`${dashboard.url}/queues`);
  const init = JSON.stringify({
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await page.evaluate(
    `fetch('/queues/api/${path}', ${init}).then(async (r) => ({ status: r.status, body: await r.text() }))`,
  )) as { status: number; body: string };
}

function put(page: Page, path: string) {
  return send(page, 'PUT', path);
}
