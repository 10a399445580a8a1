import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openQueue } from '@carillon/queue/lane-queue';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

/** One trace from the request to the event, in the system as `npm start` runs it, with a collector beside it. */
let receiver: OtlpReceiver;
let system: RunningSystem;
let customer: Server;
let secret: string;
/** The `traceparent` of every request to the customer's endpoint, by event id. */
const announced = new Map<string, string | undefined>();

beforeAll(async () => {
  receiver = await otlpReceiver();
  customer = createServer((request, response) => {
    announced.set(String(request.headers['webhook-id']), request.headers.traceparent as string | undefined);
    request.resume();
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => customer.listen(0, '127.0.0.1', resolve));
  system = await runningSystem({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  });
  const url = `http://127.0.0.1:${(customer.address() as AddressInfo).port}/planted-path`;
  ({ secret } = (await system.api('POST', '/v1/webhook-endpoints', { url })).body);
}, 120_000);
afterAll(async () => {
  await system?.stop();
  customer?.close();
  await receiver?.close();
});

const SERVER = 2;
const CLIENT = 3;
const PRODUCER = 4;
const CONSUMER = 5;
const email = (to: string, more: object = {}) => ({
  to: { email: to },
  channel: 'email',
  content: { subject: 'planted-subject', text: 'planted-text' },
  ...more,
});

/** A caller's span. */
function caller(): { traceId: string; spanId: string; headers: Record<string, string> } {
  const [traceId, spanId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-01` } };
}

const inTrace = (traceId: string, name: string): ReceivedSpan[] =>
  receiver.spans.filter((span) => span.traceId === traceId && span.name === name);
const spanOf = (traceId: string, name: string): Promise<ReceivedSpan> =>
  until(`the span ${name}`, () => inTrace(traceId, name)[0], { timeoutMs: 30_000 });
const spanById = (spanId: string): Promise<ReceivedSpan> =>
  until(`the span ${spanId}`, () => receiver.spans.find((span) => span.spanId === spanId));

async function accepted(body: object, { headers }: { headers: Record<string, string> }): Promise<string> {
  const answer = await system.api('POST', '/v1/notifications', body, headers);
  expect(answer.status).toBe(202);
  return answer.body.id;
}

test('one trace leads from the request through relay, worker and provider to the receipt and the event', async () => {
  const by = caller();
  const id = await accepted(email('ok+planted-address@example.test'), by);
  await system.becomes(id, ['delivered']);

  const request = await spanOf(by.traceId, 'POST /v1/notifications');
  expect(request).toMatchObject({ service: 'carillon-api', kind: SERVER, parentSpanId: by.spanId });
  expect(request.attributes).toEqual({
    'http.request.method': 'POST',
    'http.route': '/v1/notifications',
    'http.response.status_code': 202,
  });
  const send = await spanOf(by.traceId, 'send email-normal');
  expect(send).toMatchObject({ service: 'carillon-api', kind: PRODUCER, parentSpanId: request.spanId });
  expect(send.attributes['carillon.notification.id']).toBe(id);

  const process = await spanOf(by.traceId, 'process email-normal');
  expect(process).toMatchObject({ service: 'carillon-worker', kind: CONSUMER, parentSpanId: send.spanId });
  expect(process.attributes).toMatchObject({
    'messaging.system': 'carillon',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'email-normal',
    'carillon.notification.id': id,
    'carillon.attempt': 1,
    'carillon.outcome': 'accepted',
  });
  const publish = await spanById(process.links[0]!.spanId);
  expect(publish).toMatchObject({ name: 'publish email-normal', kind: PRODUCER, parentSpanId: '' });
  expect(publish.links).toContainEqual({ traceId: by.traceId, spanId: send.spanId });

  const call = await spanOf(by.traceId, 'send resend');
  expect(call).toMatchObject({ kind: CLIENT, parentSpanId: process.spanId, isError: false });
  expect(call.attributes).toMatchObject({ 'carillon.provider': 'resend', 'server.address': '127.0.0.1' });

  const receipt = await spanOf(by.traceId, 'receipt delivered');
  expect(receipt).toMatchObject({ service: 'carillon-api', parentSpanId: send.spanId });
  expect((await spanById(receipt.links[0]!.spanId)).name).toBe('POST /v1/receipts/:provider/:account');

  const events = await until('both events', () => {
    const found = inTrace(by.traceId, 'deliver event');
    return found.length >= 2 && inTrace(by.traceId, 'POST').length >= 2 ? found : null;
  });
  const types = events.map(({ attributes }) => attributes['carillon.event.type']);
  expect(types.sort()).toEqual(['notification.delivered', 'notification.sent']);
  for (const event of events) {
    expect(event).toMatchObject({ service: 'carillon-worker', kind: CONSUMER, parentSpanId: send.spanId });
    const post = inTrace(by.traceId, 'POST').find(({ parentSpanId }) => parentSpanId === event.spanId);
    expect(post).toMatchObject({ kind: CLIENT, attributes: { 'http.response.status_code': 204 } });
    const eventId = String(event.attributes['messaging.message.id']);
    expect(announced.get(eventId)).toBe(`00-${by.traceId}-${post?.spanId}-01`);
  }
});

test('a repeat of a request keeps the trace of the first', async () => {
  const [first, second] = [caller(), caller()];
  const body = email('ok+again@example.test', { idempotency_key: randomUUID() });
  const id = await accepted(body, first);
  await system.becomes(id, ['sent']);
  expect(await accepted(body, second)).toBe(id);
  const replay = await spanOf(second.traceId, 'send email-normal');
  expect(replay.attributes['carillon.replayed']).toBe(true);
  await spanOf(first.traceId, 'process email-normal');
  expect(inTrace(second.traceId, 'process email-normal')).toEqual([]);
});

test('a batch is accepted in one span, and each message of its chunks has its own', async () => {
  const by = caller();
  const notifications = Array.from({ length: 120 }, (_, k) =>
    email(`ok+${k}@example.test`, { priority: 'bulk' }),
  );
  const answer = await system.api('POST', '/v1/notifications/batch', { notifications }, by.headers);
  const ids: string[] = answer.body.results.map((result: { id: string }) => result.id);
  const send = await spanOf(by.traceId, 'send email-bulk');
  expect(send.attributes['messaging.batch.message_count']).toBe(120);
  const spans = await until(
    'a span for each message',
    () => {
      const found = inTrace(by.traceId, 'process email-bulk');
      return found.length >= 120 ? found : null;
    },
    { timeoutMs: 30_000 },
  );
  expect(new Set(spans.map(({ attributes }) => attributes['carillon.notification.id']))).toEqual(
    new Set(ids),
  );
  for (const { parentSpanId, links } of spans) {
    expect(parentSpanId).toBe(send.spanId);
    expect((await spanById(links[0]!.spanId)).links).toContainEqual({
      traceId: by.traceId,
      spanId: send.spanId,
    });
  }
});

test('a retry is another attempt in the same trace', async () => {
  const by = caller();
  await accepted(email('throttle+retry@example.test', { priority: 'critical' }), by);
  const attempts = await until(
    'two attempts',
    () => {
      const found = inTrace(by.traceId, 'process email-critical');
      return found.length >= 2 ? found : null;
    },
    { timeoutMs: 30_000 },
  );
  const send = await spanOf(by.traceId, 'send email-critical');
  expect(new Set(attempts.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([send.spanId]));
  expect(new Set(attempts.map(({ attributes }) => attributes['carillon.attempt'])).size).toBe(
    attempts.length,
  );
  expect(attempts[0]).toMatchObject({ isError: true, attributes: { 'error.type': 'throttled' } });
});

test('a doubt is settled in the same trace', async () => {
  const by = caller();
  const push = { to: { push: { fcm_token: 'drop-planted-token' } }, channel: 'push' };
  await accepted({ ...push, content: { title: 'planted-title', body: 'planted-body' } }, by);
  const settle = await spanOf(by.traceId, 'settle push-normal');
  const send = await spanOf(by.traceId, 'send push-normal');
  expect(settle).toMatchObject({ service: 'carillon-worker', parentSpanId: send.spanId });
  expect(settle.attributes['carillon.decision']).toEqual(expect.any(String));
  const call = await spanOf(by.traceId, 'send fcm');
  expect(call).toMatchObject({ isError: true, attributes: { 'error.type': 'in_doubt' } });
});

test('a job carries the traceparent of the span that published it', async () => {
  const by = caller();
  const sendAt = new Date(Date.now() + 120_000).toISOString();
  const id = await accepted(email('ok+later@example.test', { send_at: sendAt }), by);
  const redis = new Redis(system.run().redis_url, { maxRetriesPerRequest: null });
  const queue = openQueue('email-normal', redis, 'cln');
  const job = await until('its delayed job', () => queue.getJob(id));
  await queue.close();
  redis.disconnect();
  const [, , spanId] =
    /^00-(\w+)-(\w+)-01$/.exec((job.data as { traceparent?: string }).traceparent ?? '') ?? [];
  expect(await spanById(String(spanId))).toMatchObject({ name: 'publish email-normal' });
});

test('requests to the dashboard are spans by their route', async () => {
  await fetch(`${system.run().dashboard}/auth/providers?planted-query`);
  const span = await until('its span', () =>
    receiver.spans.find(({ service, kind }) => service === 'carillon-dashboard' && kind === SERVER),
  );
  expect(span.name).toBe('GET /auth/providers');
});

test('a request that is not sampled makes no span anywhere', async () => {
  const traceId = randomBytes(16).toString('hex');
  const headers = { traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-00` };
  const id = await accepted(email('ok+unsampled@example.test'), { headers });
  await system.becomes(id, ['delivered']);
  const next = caller();
  await accepted(email('ok+sampled@example.test'), next);
  await spanOf(next.traceId, 'receipt delivered');
  const about = receiver.spans.filter(({ attributes }) => attributes['carillon.notification.id'] === id);
  expect([about, receiver.spans.filter((span) => span.traceId === traceId)]).toEqual([[], []]);
});

test('a collector that answers nonsense, or is away, costs no message', async () => {
  receiver.behave('nonsense');
  const id = await system.send(email('ok+nonsense@example.test'));
  await system.becomes(id, ['sent']);
  await receiver.close();
  const other = await system.send(email('ok+away@example.test'));
  await system.becomes(other, ['sent']);
  receiver.behave('ok');
  await receiver.listen();
  const by = caller();
  await accepted(email('ok+back@example.test'), by);
  await spanOf(by.traceId, 'send email-normal');
});

test('nothing planted is in any exported span: no address, text, URL, key or token', () => {
  const all = receiver.raw.join('\n');
  expect(receiver.spans.length).toBeGreaterThan(300);
  for (const planted of ['planted', '@example.test', system.run().api_key, secret])
    expect(all).not.toContain(planted);
});
