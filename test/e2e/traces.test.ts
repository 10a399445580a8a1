import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

/** One trace for each message, from the request to the customer's endpoint, over all programs. */
let collector: OtlpReceiver;
let system: RunningSystem;
let customer: Server;
const webhooks: { headers: IncomingHttpHeaders; body: string }[] = [];

beforeAll(async () => {
  collector = await otlpReceiver();
  customer = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    webhooks.push({ headers: request.headers, body });
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => customer.listen(0, '127.0.0.1', resolve));
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  process.env.OTEL_EXPORTER_OTLP_PROTOCOL = 'http/json';
  process.env.OTEL_BSP_SCHEDULE_DELAY = '100';
  system = await runningSystem();
  const url = `http://127.0.0.1:${(customer.address() as AddressInfo).port}/hooks`;
  await system.api('POST', '/v1/webhook-endpoints', { url });
}, 120_000);
afterAll(async () => {
  await system?.stop();
  customer?.close();
  await collector?.close();
});

const [PRODUCER, CONSUMER, SERVER, CLIENT] = [4, 5, 2, 3];
const content = { subject: 'Planted-subject', text: 'Planted-text' };
const mail = (email: string, more: object = {}) => ({ to: { email }, channel: 'email', content, ...more });

/** Sends with a `traceparent` of its own. */
async function sendTraced(traceId: string, path: string, body: unknown) {
  const parentSpanId = '00f067aa0ba902b7';
  const traceparent = `00-${traceId}-${parentSpanId}-01`;
  const answer = await system.api('POST', path, body, { traceparent });
  expect([200, 202, 207]).toContain(answer.status);
  return { ...answer, parentSpanId };
}

const inTrace = (traceId: string) => collector.spans.filter((span) => span.traceId === traceId);
const namesIn = (traceId: string) => inTrace(traceId).map(({ name }) => name);

/** The span of this name in a trace, once it was exported. */
const spanOf = (traceId: string, name: string): Promise<ReceivedSpan> =>
  until(`the span "${name}"`, () => inTrace(traceId).find((span) => span.name === name) ?? null, {
    timeoutMs: 30_000,
  });

/** The span that `from` links to, once it was exported. */
const linkedFrom = (from: ReceivedSpan): Promise<ReceivedSpan> =>
  until(`what "${from.name}" links to`, () => {
    const [link] = from.links;
    return (
      collector.spans.find(({ spanId, traceId }) => spanId === link?.spanId && traceId === link.traceId) ??
      null
    );
  });

test('a request, its call of a provider, the receipt and the event are one trace that the caller began', async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const sent = await sendTraced(traceId, '/v1/notifications', mail('ok+loop@example.test'));

  const request = await spanOf(traceId, 'POST /v1/notifications');
  const accept = await spanOf(traceId, 'send email-normal');
  const process = await spanOf(traceId, 'process email-normal');
  const call = await spanOf(traceId, 'send resend');
  const receipt = await spanOf(traceId, 'receipt delivered');
  const event = await spanOf(traceId, 'deliver event');
  const post = await spanOf(traceId, 'POST');

  expect(request).toMatchObject({ parentSpanId: sent.parentSpanId, kind: SERVER, service: 'carillon-api' });
  expect(request.attributes).toMatchObject({
    'http.route': '/v1/notifications',
    'http.response.status_code': 202,
  });
  expect(accept).toMatchObject({ parentSpanId: request.spanId, kind: PRODUCER, service: 'carillon-api' });
  expect(process).toMatchObject({ parentSpanId: accept.spanId, kind: CONSUMER, service: 'carillon-worker' });
  expect(call).toMatchObject({ parentSpanId: process.spanId, kind: CLIENT, service: 'carillon-worker' });
  expect(call.attributes['server.address']).toBe('127.0.0.1');
  expect(receipt.parentSpanId).toBe(accept.spanId);
  expect(event).toMatchObject({ parentSpanId: accept.spanId, kind: CONSUMER });
  expect(inTrace(traceId).find(({ spanId }) => spanId === post.parentSpanId)?.name).toBe('deliver event');
  for (const span of [accept, process, receipt, event])
    expect(span.attributes['carillon.notification.id'], span.name).toBe(sent.body.id);

  // The job was published with others, and the receipt came in a request of the provider: both are linked.
  const publish = await linkedFrom(process);
  expect(publish).toMatchObject({ name: 'publish email-normal', kind: PRODUCER });
  expect(publish.links).toContainEqual({ traceId, spanId: accept.spanId });
  expect(await linkedFrom(receipt)).toMatchObject({ kind: SERVER, service: 'carillon-api' });

  // The customer's own spans continue the trace.
  const heard = await until(
    'the webhook',
    () => webhooks.find(({ headers }) => headers.traceparent?.includes(traceId)) ?? null,
  );
  const [, , parent] = String(heard.headers.traceparent).split('-');
  expect(inTrace(traceId).find(({ spanId }) => spanId === parent)?.name).toBe('POST');
});

test('a batch that travels in chunks has one trace, with a span for each message and call', async () => {
  const traceId = 'aaaa2f3577b34da6a3ce929d0e0e4736';
  const notifications = Array.from({ length: 60 }, (_, n) =>
    mail(`ok+${n}@example.test`, { priority: 'bulk' }),
  );
  await sendTraced(traceId, '/v1/notifications/batch', { notifications });
  const count = (name: string) => namesIn(traceId).filter((each) => each === name).length;
  await until('every span', () => count('send resend') >= 60 && count('process email-bulk') >= 60, {
    timeoutMs: 60_000,
  });
  expect([count('process email-bulk'), count('send email-bulk')]).toEqual([60, 1]);
  const accept = await spanOf(traceId, 'send email-bulk');
  expect(accept.attributes['messaging.batch.message_count']).toBe(60);
  const process = inTrace(traceId).filter(({ name }) => name === 'process email-bulk');
  expect(new Set(process.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([accept.spanId]));
  expect((await linkedFrom(process[0]!)).name).toBe('publish email-bulk');
});

test('a retry is another attempt in the same trace, with its reason', async () => {
  const traceId = 'bbbb2f3577b34da6a3ce929d0e0e4736';
  const otp = mail('throttle@example.test', { priority: 'critical' });
  const { body } = await sendTraced(traceId, '/v1/notifications', otp);
  await system.becomes(body.id, ['sent']);
  // Every account is throttled at first: the next one is tried at once, and all of them after the wait.
  const attempts = await until('the attempt that was accepted', () => {
    const found = inTrace(traceId).filter(({ name }) => name === 'process email-critical');
    return found.some(({ isError }) => !isError) ? found : null;
  });
  const inOrder = attempts.map(({ attributes, isError }) => [attributes['carillon.attempt'], isError]);
  expect(inOrder.length).toBeGreaterThan(1);
  expect(inOrder).toEqual(inOrder.map((_, n) => [n + 1, n < inOrder.length - 1]));
  expect(attempts[0]!.attributes['error.type']).toBe('throttled');
});

test('a doubt that the resolver looks at, and the repeated call, are in the trace of their message', async () => {
  const traceId = 'cccc2f3577b34da6a3ce929d0e0e4736';
  await sendTraced(traceId, '/v1/notifications', mail('error@example.test'));
  const accept = await spanOf(traceId, 'send email-normal');
  const settle = await spanOf(traceId, 'settle email-normal');
  expect(settle.parentSpanId).toBe(accept.spanId);
  const calls = await until('the repeated call', () => {
    const found = inTrace(traceId).filter(({ name }) => name === 'send resend');
    return found.length >= 2 ? found : null;
  });
  expect(calls.some(({ parentSpanId }) => parentSpanId === settle.spanId)).toBe(true);
});

test('no span holds an address, a text, a key or a URL of a customer', () => {
  const { api_key, live_api_key } = system.run();
  const exported = collector.raw.join('\n');
  expect(exported).toContain('carillon.notification.id');
  for (const planted of ['example.test', 'Planted', api_key, live_api_key, '/hooks']) {
    expect(exported).not.toContain(planted);
  }
});

test('a collector that refuses, talks nonsense or does not answer costs no message', async () => {
  for (const mode of ['refuse', 'nonsense', 'silent'] as const) {
    collector.behave(mode);
    const before = collector.exports();
    const id = await system.send(mail(`ok+${mode}@example.test`));
    await system.becomes(id, ['sent']);
    await until('an export', () => collector.exports() > before);
  }
  collector.behave('ok');
});
