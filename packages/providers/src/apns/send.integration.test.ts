import type { PushMessage } from '@carillon/core/notification/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringH2, answeringH2, type H2Settings } from '../../../../test/contract/answering-h2.ts';
import { answeringServer, CA } from '../../../../test/contract/answering-server.ts';
import { APNS_KEY, call, push } from '../../../../test/contract/credentials.ts';
import { until } from '../../../../test/support/until.ts';
import type { ProviderAdapter } from '../contract.ts';
import type { HttpClientOptions, HttpResult } from '../http/http-client.ts';
import { failureOutcome } from '../outcome/call-failure.ts';
import { apnsAdapter } from './send.ts';
import { type ApnsWire, apnsWire } from './wire.ts';

const MESSAGE = push({ apns_token: 'ab'.repeat(32) }) as PushMessage;
const OK = { status: 200, headers: { 'apns-id': 'some-id' } };

let server: AnsweringH2;
let adapter: ProviderAdapter<PushMessage>;
const wires: ApnsWire[] = [];
const start = async (settings?: H2Settings) => {
  server = await answeringH2(settings);
  server.answers(OK);
  adapter = apnsAdapter({
    key: APNS_KEY,
    topic: 'com.acme.app',
    dial: { host: '127.0.0.1', port: server.port },
    ca: CA,
  });
};
beforeEach(() => start());
afterEach(async () => {
  await Promise.all([server.close(), adapter.close(), ...wires.splice(0).map((wire) => wire.close())]);
});

function wireTo(port: number, options: HttpClientOptions & { silentMs?: number } = {}): ApnsWire {
  const wire = apnsWire('https://api.push.apple.com', {
    dial: { host: '127.0.0.1', port },
    ca: CA,
    ...options,
  });
  wires.push(wire);
  return wire;
}
const post = (wire: ApnsWire, timeoutMs = 5_000): Promise<HttpResult> =>
  wire.post({ path: '/3/device/a', headers: {}, body: '{}', signal: AbortSignal.timeout(timeoutMs) });
const codeOf = (result: HttpResult) =>
  result.phase === 'answered' ? 'answered' : failureOutcome('APNs', result.error, result.phase).code;

test('a stream that APNs refuses without processing is certain', async () => {
  server.decides((stream) => stream.close(7));
  expect(await adapter.send(MESSAGE, call())).toMatchObject({
    class: 'transient',
    code: 'stream_refused',
    phase: 'started',
  });
});

test('a stream that is reset for any other reason is a doubt', async () => {
  for (const code of [0, 1, 2, 8, 11]) {
    server.decides((stream) => stream.close(code));
    expect(await adapter.send(MESSAGE, call()), `code ${code}`).toMatchObject({
      class: 'in_doubt',
      code: 'connection_reset',
      phase: 'written',
    });
  }
});

test.each([0, 2])(
  'a GOAWAY (%i) below the stream is certain, one that includes it is a doubt',
  async (code) => {
    const below = wireTo(server.port);
    expect((await post(below)).phase).toBe('answered');
    server.decides((stream, session) => session.goaway(code, stream.id! - 2));
    const excluded = await post(below);
    expect([excluded.phase, codeOf(excluded)]).toEqual(['started', 'stream_refused']);

    server.decides((stream, session) => {
      session.goaway(code, stream.id);
      setImmediate(() => session.destroy());
    });
    const included = await post(wireTo(server.port));
    expect([included.phase, codeOf(included)]).toEqual(['written', 'connection_reset']);
  },
);

test('calls in flight when a session ends gracefully are still answered, and the next call uses a new session', async () => {
  let held: (() => void) | undefined;
  server.decides((stream, session) => {
    session.goaway(0, stream.id!);
    held = () => {
      stream.respond({ ':status': 200, 'apns-id': 'late' });
      stream.end();
    };
  });
  const first = adapter.send(MESSAGE, call());
  await until('the stream', () => held !== undefined);
  const under = held!;
  server.answers(OK);
  // A call that crosses the GOAWAY is refused without processing.
  await until('a new session', async () => (await adapter.send(MESSAGE, call())).class === 'accepted');
  under();
  expect(await first).toEqual({ class: 'accepted', providerMessageId: 'late' });
  expect(server.sessions).toHaveLength(2);
});

test('one session carries many calls, and never more at once than its server allows', async () => {
  await server.close();
  await adapter.close();
  await start({ maxConcurrentStreams: 3 });
  let open = 0;
  let most = 0;
  server.decides((stream) => {
    most = Math.max(most, ++open);
    stream.resume().on('end', () => {
      stream.respond({ ':status': 200, 'apns-id': 'x' });
      stream.end();
      open--;
    });
  });
  const outcomes = await Promise.all(Array.from({ length: 60 }, () => adapter.send(MESSAGE, call())));
  for (const outcome of outcomes) expect(outcome.class).toBe('accepted');
  expect(server.sessions.length).toBeLessThanOrEqual(3);
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(9);
});

test('a limit that a server raises later is used at once', async () => {
  await server.close();
  await adapter.close();
  await start({ maxConcurrentStreams: 1 });
  server.answers('hang');
  const wire = wireTo(server.port, { connections: 1 });
  const calls = [post(wire, 1_000), post(wire, 1_000), post(wire, 1_000)];
  await until('the first request', () => server.received.length === 1);
  server.sessions[0]!.settings({ maxConcurrentStreams: 10 });
  await until('the others', () => server.received.length === 3);
  expect((await Promise.all(calls)).map(({ phase }) => phase)).toEqual(['written', 'written', 'written']);
});

test('a call that still waits for a stream at its deadline is never written', async () => {
  await server.close();
  await adapter.close();
  await start({ maxConcurrentStreams: 1 });
  server.answers('hang');
  const wire = wireTo(server.port, { connections: 1 });
  const first = post(wire, 400);
  await until('the first request', () => server.received.length === 1);
  const second = await post(wire, 50);
  expect([second.phase, codeOf(second)]).toEqual(['started', 'timeout']);
  expect((await first).phase).toBe('written');
  server.answers(OK);
  expect((await post(wire)).phase).toBe('answered');
  expect(server.received).toHaveLength(2);
});

test('a session without any data until a deadline carries no further call', async () => {
  expect(await adapter.send(MESSAGE, call())).toMatchObject({ class: 'accepted' });
  server.answers('hang');
  expect(await adapter.send(MESSAGE, call(100))).toMatchObject({ class: 'in_doubt', code: 'timeout' });
  server.answers(OK);
  expect(await adapter.send(MESSAGE, call())).toMatchObject({ class: 'accepted' });
  expect(server.sessions).toHaveLength(2);
});

test('a session that was idle for long is pinged before it carries a message', async () => {
  const wire = wireTo(server.port, { silentMs: 30 });
  const silence = async () => {
    const since = performance.now();
    await until('silence', () => performance.now() - since > 40);
  };
  expect((await post(wire)).phase).toBe('answered');
  const [session] = server.sessions;
  let pings = 0;
  session!.on('ping', () => pings++);
  await silence();
  expect((await post(wire)).phase).toBe('answered');
  expect([pings, server.sessions.length]).toEqual([1, 1]);

  server.deafens();
  await silence();
  expect((await post(wire)).phase).toBe('answered');
  expect(server.sessions).toHaveLength(2);
});

test('a server that speaks no HTTP/2, or hangs while connecting, is certain: nothing was written', async () => {
  const old = await answeringServer({ tls: true });
  expect((await post(wireTo(old.port))).phase).toBe('started');
  expect(old.received).toHaveLength(0);
  const plain = await answeringServer();
  plain.answers('hang');
  const result = await post(wireTo(plain.port, { connectTimeoutMs: 200 }));
  expect(result.phase).toBe('started');
  await Promise.all([old.close(), plain.close()]);
});

test('a certificate that is not trusted is certain', async () => {
  const wire = apnsWire('https://api.push.apple.com', { dial: { host: '127.0.0.1', port: server.port } });
  wires.push(wire);
  const result = await post(wire);
  expect([result.phase, codeOf(result)]).toEqual(['started', 'tls_failed']);
});

test('closing lets a call finish', async () => {
  let answer: (() => void) | undefined;
  server.decides((stream) => {
    answer = () => {
      stream.respond({ ':status': 200, 'apns-id': 'x' });
      stream.end();
    };
  });
  const sent = adapter.send(MESSAGE, call());
  await until('the stream', () => answer !== undefined);
  const closed = adapter.close();
  answer!();
  expect(await sent).toMatchObject({ class: 'accepted' });
  await closed;
});

test('a message that can never be sent is refused without a call', async () => {
  const send = (message: object) => adapter.send({ ...MESSAGE, ...message } as PushMessage, call());
  expect(await send({ to: { fcm_token: 'x' } })).toMatchObject({ class: 'rejected', code: 'wrong_target' });
  expect(await send({ to: { apns_token: '../3/device/b' } })).toMatchObject({
    class: 'bad_recipient',
    code: 'invalid_token',
    phase: 'started',
  });
  const large = await send({ body: 'é'.repeat(2_000) });
  expect(large).toMatchObject({ class: 'rejected', code: 'payload_too_large', phase: 'started' });
  expect((large as { message: string }).message).toMatch(/make 4\d\d\d bytes, at most 4096/);
  expect(server.sessions).toHaveLength(0);
});

test('reports since when a device is unregistered', async () => {
  server.answers({ status: 410, body: '{"reason":"Unregistered","timestamp":1700000000000}' });
  expect(await adapter.send(MESSAGE, call())).toMatchObject({
    class: 'bad_recipient',
    message: expect.stringContaining('Unregistered since 2023-11-14T22:13:20.000Z'),
    badSince: new Date('2023-11-14T22:13:20Z'),
  });
});

test('a bad token disables no device before this account has reached one', async () => {
  server.answers({ status: 400, body: '{"reason":"BadDeviceToken"}' });
  expect(await adapter.send(MESSAGE, call())).toMatchObject({ class: 'rejected', code: 'BadDeviceToken' });
  server.answers(OK);
  expect(await adapter.send(MESSAGE, call())).toMatchObject({ class: 'accepted' });
  server.answers({ status: 400, body: '{"reason":"BadDeviceToken"}' });
  expect(await adapter.send(MESSAGE, call())).toMatchObject({ class: 'bad_recipient' });
});

test('its probe uses a device token that does not exist', async () => {
  const signal = AbortSignal.timeout(5_000);
  server.answers({ status: 400, body: '{"reason":"BadDeviceToken"}' });
  expect(await adapter.probe!(signal)).toEqual({ healthy: true });
  server.answers({ status: 403, body: '{"reason":"InvalidProviderToken"}' });
  expect(await adapter.probe!(signal)).toEqual({ healthy: false, why: 'APNs answered HTTP 403' });
  expect(server.received.map(({ path }) => path)).toEqual(Array(2).fill(`/3/device/${'0'.repeat(64)}`));
});

test('APNs keeps a message for an absent device no longer than it is useful', async () => {
  const expiresAt = new Date(Date.now() + 90_000);
  await adapter.send(MESSAGE, { ...call(), expiresAt });
  await adapter.send(MESSAGE, call());
  const [short, long] = server.received.map(({ headers }) => Number(headers['apns-expiration']));
  expect(short).toBeLessThanOrEqual(expiresAt.getTime() / 1000);
  expect(short).toBeGreaterThan(Date.now() / 1000 + 60);
  expect(long).toBeGreaterThan(Date.now() / 1000 + 3600);
});
