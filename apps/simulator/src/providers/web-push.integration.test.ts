import { createECDH, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { notificationId } from '@carillon/core/text/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import webPush from 'web-push';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

interface Subscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}
interface Sender {
  sendNotification(
    subscription: Subscription,
    payload: string,
    options: Record<string, unknown>,
  ): Promise<{ statusCode: number; headers: Record<string, string> }>;
}
/** The adapter declares the package's types without `sendNotification`, because it sends requests itself. */
const { sendNotification } = webPush as unknown as Sender;

const id = notificationId('app', 'test', 'push');
const vapid = webPush.generateVAPIDKeys();

let simulator: SimulatorUnderTest;
let agent: Agent;

beforeEach(async () => {
  simulator = await simulatorUnderTest();
  agent = new Agent({ keepAlive: true, ca: readFileSync(simulator.caFile) });
});
afterEach(async () => {
  agent.destroy();
  await simulator.end();
});

const endpoint = (name: string) => `https://127.0.0.1:${simulator.tlsPort}/push/${name}`;

function send(name: string, options: Record<string, unknown> = {}) {
  const browser = createECDH('prime256v1');
  const keys = { p256dh: browser.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
  return sendNotification({ endpoint: endpoint(name), keys }, '{"title":"Shipped"}', {
    agent,
    TTL: 60,
    vapidDetails: { subject: 'mailto:ops@example.com', ...vapid },
    ...options,
  });
}

test('the library sends an encrypted message, and the ledger names the notification by its Topic', async () => {
  const { statusCode, headers } = await send('ada-1', { topic: id.replaceAll('-', '') });
  expect(statusCode).toBe(201);
  expect(headers.location).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/m\//);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'web-push',
      channel: 'push',
      to: endpoint('ada-1'),
      notification_id: id,
      attempt_id: null,
      subject: null,
    },
  ]);
});

test.each([
  ['bounce-1', 410],
  ['throttle-1', 429],
  ['error-1', 500],
])('%s is refused with %i and not accepted', async (name, statusCode) => {
  await expect(send(name)).rejects.toMatchObject({ statusCode });
  expect(await simulator.ledger()).toEqual([]);
});

/** The library's own request, changed in some headers or the body. */
function sendRaw(headers: Record<string, string>, body?: Buffer): Promise<number> {
  const browser = createECDH('prime256v1');
  const keys = { p256dh: browser.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
  const subscription = { endpoint: endpoint('ada'), keys };
  const whole = webPush.generateRequestDetails(subscription, 'Hi', {
    TTL: 60,
    topic: 't',
    vapidDetails: null,
  });
  const { 'Content-Length': _, ...given } = whole.headers;
  return new Promise((resolve, reject) => {
    const call = request(
      endpoint('ada'),
      { agent, method: 'POST', headers: { ...given, ...headers } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode!);
      },
    );
    call.on('error', reject);
    call.end(body ?? whole.body);
  });
}

function authorization({
  audience = new URL(endpoint('ada')).origin,
  key = vapid.privateKey,
  seconds = 60,
} = {}) {
  const expiry = Math.floor(Date.now() / 1000) + seconds;
  return webPush.getVapidHeaders(audience, 'mailto:a@b.c', vapid.publicKey, key, 'aes128gcm', expiry)
    .Authorization;
}

test('a token that is missing, expired, for another service or signed by another key is refused with 401', async () => {
  expect(await sendRaw({ Authorization: authorization() })).toBe(201);
  expect(await sendRaw({})).toBe(401);
  expect(await sendRaw({ Authorization: authorization({ seconds: -5 }) })).toBe(401);
  expect(await sendRaw({ Authorization: authorization({ audience: 'https://push.example' }) })).toBe(401);
  const other = webPush.generateVAPIDKeys().privateKey;
  expect(await sendRaw({ Authorization: authorization({ key: other }) })).toBe(401);
  expect(await simulator.ledger()).toHaveLength(1);
});

test('a message that is not encrypted, too large or without a lifetime is refused', async () => {
  const Authorization = authorization();
  expect(await sendRaw({ Authorization }, Buffer.from('plain'))).toBe(400);
  expect(await sendRaw({ Authorization, 'Content-Encoding': 'gzip' })).toBe(400);
  expect(await sendRaw({ Authorization }, Buffer.alloc(4_097))).toBe(413);
  expect(await sendRaw({ Authorization, TTL: 'soon' })).toBe(400);
  expect(await sendRaw({ Authorization, Topic: 'a b' })).toBe(400);
  expect(await simulator.ledger()).toEqual([]);
});
