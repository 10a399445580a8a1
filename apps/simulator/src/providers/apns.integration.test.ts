import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ClientHttp2Session, connect } from 'node:http2';
import { Agent, request } from 'node:https';
import { attemptId, notificationId } from '@carillon/core/text/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';
import { SIMULATOR_APNS_KEY } from './apns-key.ts';

const id = notificationId('app', 'test', 'push');
const { keyId, teamId, privateKey } = SIMULATOR_APNS_KEY;

let simulator: SimulatorUnderTest;
let ca: Buffer;
let session: ClientHttp2Session;
beforeEach(async () => {
  simulator = await simulatorUnderTest();
  ca = readFileSync(simulator.caFile);
  session = connect(`https://127.0.0.1:${simulator.tlsPort}`, { ca });
  session.on('error', () => {});
});
afterEach(async () => {
  session.destroy();
  await simulator.end();
});

function token(over: { kid?: string; iss?: string; iat?: number; key?: string } = {}): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { iss: over.iss ?? teamId, iat: over.iat ?? Math.floor(Date.now() / 1000) };
  const signed = `${encode({ alg: 'ES256', kid: over.kid ?? keyId })}.${encode(claims)}`;
  const key = { key: createPrivateKey(over.key ?? privateKey), dsaEncoding: 'ieee-p1363' as const };
  return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
}

const payload = (more: object = {}) => ({
  aps: { alert: { title: 'Shipped', body: 'On its way' } },
  attempt_id: attemptId(id, 2),
  ...more,
});

interface Answer {
  status: number;
  apnsId: unknown;
  reason: unknown;
}

function push(
  device: string,
  headers: Record<string, string> = {},
  body: unknown = payload(),
): Promise<Answer> {
  const call = session.request({
    ':method': 'POST',
    ':path': `/3/device/${device}`,
    authorization: `bearer ${token()}`,
    'apns-topic': 'com.acme.app',
    'apns-push-type': 'alert',
    ...headers,
  });
  call.end(typeof body === 'string' ? body : JSON.stringify(body));
  return new Promise((resolve, reject) => {
    let status = 0;
    let apnsId: unknown;
    let text = '';
    call.on('response', (answer) => {
      status = answer[':status'] ?? 0;
      apnsId = answer['apns-id'];
    });
    call.on('data', (chunk) => {
      text += chunk;
    });
    call.on('error', reject);
    call.on('close', () => {
      if (status === 0) reject(new Error('no answer'));
      else resolve({ status, apnsId, reason: text === '' ? undefined : JSON.parse(text).reason });
    });
  });
}

test('a push is accepted with its own apns-id, and the ledger finds the attempt in the payload', async () => {
  const apnsId = '0f8fad5b-d9cb-869f-a165-70867728950e';
  expect(await push('ab12', { 'apns-id': apnsId })).toEqual({ status: 200, apnsId, reason: undefined });
  expect((await push('ab12')).apnsId).toMatch(/^[0-9A-F-]{36}$/);
  expect(await simulator.ledger()).toMatchObject([
    { provider: 'apns', channel: 'push', to: 'ab12', subject: 'Shipped', attempt_id: attemptId(id, 2) },
    { to: 'ab12' },
  ]);
});

test('the collapse id names the notification where the payload names nothing', async () => {
  await push('ab12', { 'apns-collapse-id': id }, { aps: { alert: 'Hi' } });
  expect(await simulator.ledger()).toMatchObject([{ notification_id: id, attempt_id: null, subject: 'Hi' }]);
});

const seconds = () => Math.floor(Date.now() / 1000);
test.each([
  ['none', () => '', 'MissingProviderToken'],
  ['no JWT', () => 'bearer x', 'InvalidProviderToken'],
  ['another key id', () => `bearer ${token({ kid: 'OTHER00000' })}`, 'InvalidProviderToken'],
  ['another team', () => `bearer ${token({ iss: 'OTHER00000' })}`, 'InvalidProviderToken'],
  ['older than an hour', () => `bearer ${token({ iat: seconds() - 3_700 })}`, 'ExpiredProviderToken'],
  [
    'signed by another key',
    () => {
      const { privateKey: other } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return `bearer ${token({ key: other.export({ type: 'pkcs8', format: 'pem' }).toString() })}`;
    },
    'InvalidProviderToken',
  ],
])('a provider token that is %s is refused', async (_, authorization, reason) => {
  expect(await push('ab12', { authorization: authorization() })).toMatchObject({ status: 403, reason });
  expect(await simulator.ledger()).toEqual([]);
});

test.each([
  [{ 'apns-topic': '' }, 400, 'MissingTopic'],
  [{ 'apns-push-type': 'letter' }, 400, 'InvalidPushType'],
  [{ 'apns-id': 'not-a-uuid' }, 400, 'BadMessageId'],
  [{ 'apns-collapse-id': 'x'.repeat(65) }, 400, 'BadCollapseId'],
  [{ 'apns-expiration': 'soon' }, 400, 'BadExpirationDate'],
  [{ 'apns-priority': '7' }, 400, 'BadPriority'],
  [{ ':path': '/3/device/' }, 404, 'BadPath'],
  [{ ':method': 'PUT' }, 405, 'MethodNotAllowed'],
])('%j is refused', async (headers, status, reason) => {
  expect(await push('ab12', headers as Record<string, string>)).toMatchObject({ status, reason });
  expect(await simulator.ledger()).toEqual([]);
});

test('payloads have at least 1 and at most 4096 bytes', async () => {
  expect(await push('ab12', {}, '')).toMatchObject({ status: 400, reason: 'PayloadEmpty' });
  const room = 4_096 - Buffer.byteLength(JSON.stringify(payload({ x: '' })));
  expect(await push('ab12', {}, payload({ x: 'x'.repeat(room) }))).toMatchObject({ status: 200 });
  expect(await push('ab12', {}, payload({ x: 'x'.repeat(room + 1) }))).toMatchObject({
    status: 413,
    reason: 'PayloadTooLarge',
  });
});

test('device tokens command, with the error codes of Apple', async () => {
  expect(await push('bounce-1')).toMatchObject({ status: 410, reason: 'Unregistered' });
  expect(await push('error-1')).toMatchObject({ status: 500, reason: 'InternalServerError' });
  expect(await push('throttle-1')).toMatchObject({ status: 429, reason: 'TooManyRequests' });
  expect(await push('0'.repeat(64))).toMatchObject({ status: 400, reason: 'BadDeviceToken' });
  await expect(push('drop-1')).rejects.toThrow();
  expect((await simulator.ledger()).map(({ to }) => to)).toEqual(['drop-1']);
});

test('HTTP/1.1 is not supported', async () => {
  const agent = new Agent({ ca });
  const status = await new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: simulator.tlsPort, path: '/3/device/ab12', method: 'POST', agent },
      (answer) => resolve(answer.resume().statusCode),
    );
    call.on('error', reject);
    call.end('{}');
  });
  agent.destroy();
  expect(status).toBe(505);
});
