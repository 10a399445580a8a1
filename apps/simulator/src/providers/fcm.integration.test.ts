import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { connect } from 'node:tls';
import { attemptId, notificationId } from '@carillon/core/text/ids';
import { type App, deleteApp, initializeApp } from 'firebase-admin/app';
import { getMessaging, type Messaging } from 'firebase-admin/messaging';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

const id = notificationId('app', 'test', 'push');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

let simulator: SimulatorUnderTest;
let ca: Buffer;
let agent: Agent;
let app: App;
let messaging: Messaging;

/** Connects to the simulator for any host: the SDK supports only fcm.googleapis.com. */
class LocalAgent extends Agent {
  override createConnection() {
    return connect({ host: '127.0.0.1', port: simulator.tlsPort, servername: 'fcm.googleapis.com', ca });
  }
}

beforeEach(async () => {
  simulator = await simulatorUnderTest();
  ca = readFileSync(simulator.caFile);
  agent = new LocalAgent({ keepAlive: true });
  const getAccessToken = async () => JSON.parse((await post('/token', await tokenRequest())).text);
  app = initializeApp(
    { credential: { getAccessToken }, projectId: 'demo', httpAgent: agent },
    `app-${Math.random()}`,
  );
  messaging = getMessaging(app);
});
afterEach(async () => {
  await deleteApp(app);
  agent.destroy();
  await simulator.end();
});

async function tokenRequest(): Promise<string> {
  const assertion = await new SignJWT({ scope: 'https://www.googleapis.com/auth/firebase.messaging' })
    .setProtectedHeader({ alg: 'RS256' })
    .setIssuer('demo@demo.iam.gserviceaccount.com')
    .setAudience(`https://127.0.0.1:${simulator.tlsPort}/token`)
    .setExpirationTime('1h')
    .sign(privateKey);
  return `grant_type=${encodeURIComponent('urn:ietf:params:oauth:grant-type:jwt-bearer')}&assertion=${assertion}`;
}

function post(path: string, body: string, headers = {}): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: simulator.tlsPort, path, method: 'POST', headers, ca },
      async (answer) => {
        const text = Buffer.concat(await answer.toArray()).toString('utf8');
        resolve({ status: answer.statusCode!, text });
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

const message = (token: string) => ({
  token,
  notification: { title: 'Shipped', body: 'On its way' },
  data: { notification_id: id, attempt_id: attemptId(id, 1) },
});

test('the SDK fetches a token and sends, and the ledger names the attempt by its data', async () => {
  expect(await messaging.send(message('device-1'))).toMatch(/^projects\/demo\/messages\/0:\d+%[0-9a-f]+$/);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'fcm',
      channel: 'push',
      to: 'device-1',
      subject: 'Shipped',
      notification_id: id,
      attempt_id: attemptId(id, 1),
    },
  ]);
});

test('HTTP/2 is supported on the same port', async () => {
  const session = connectHttp2(`https://127.0.0.1:${simulator.tlsPort}`, { ca });
  const call = session.request({
    ':method': 'POST',
    ':path': '/v1/projects/demo/messages:send',
    authorization: 'Bearer ya29.x',
  });
  call.end(JSON.stringify({ message: message('device-2') }));
  const status = await new Promise((resolve) =>
    call.once('response', (headers) => resolve(headers[':status'])),
  );
  const text = Buffer.concat(await call.toArray()).toString('utf8');
  session.close();
  expect([status, JSON.parse(text).name]).toEqual([200, expect.stringContaining('projects/demo/messages/')]);
  expect(await simulator.ledger()).toHaveLength(1);
});

test('a dropped HTTP/2 message is accepted and its session dies', async () => {
  const session = connectHttp2(`https://127.0.0.1:${simulator.tlsPort}`, { ca });
  session.on('error', () => {});
  const closed = new Promise((resolve) => session.once('close', resolve));
  const call = session.request({
    ':method': 'POST',
    ':path': '/v1/projects/demo/messages:send',
    authorization: 'Bearer ya29.x',
  });
  const answers: unknown[] = [];
  call.on('response', (headers) => answers.push(headers[':status'])).on('error', () => {});
  call.end(JSON.stringify({ message: message('drop-1') }));
  await closed;
  expect(answers).toEqual([]);
  expect(await simulator.ledger()).toMatchObject([{ to: 'drop-1' }]);
});

test.each([['bounce-1', 'messaging/registration-token-not-registered']])(
  '%s is refused as %s and not accepted',
  async (token, code) => {
    await expect(messaging.send(message(token))).rejects.toMatchObject({ code });
    expect(await simulator.ledger()).toEqual([]);
  },
);

test('errors have the format of Google', async () => {
  const send = (token: string) =>
    post('/v1/projects/demo/messages:send', JSON.stringify({ message: message(token) }), {
      authorization: 'Bearer x',
    });
  expect(JSON.parse((await send('throttle-1')).text).error).toMatchObject({
    code: 429,
    status: 'RESOURCE_EXHAUSTED',
    details: [
      { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode: 'QUOTA_EXCEEDED' },
    ],
  });
  expect(JSON.parse((await send('error-1')).text).error).toMatchObject({ code: 500, status: 'INTERNAL' });
  const big = JSON.stringify({ message: { ...message('x'), data: { text: 'x'.repeat(5_000) } } });
  const answer = await post('/v1/projects/demo/messages:send', big, { authorization: 'Bearer x' });
  expect(JSON.parse(answer.text).error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
  expect((await post('/v1/projects/demo/messages:send', '{}')).status).toBe(401);
  expect((await post('/token', 'grant_type=password')).status).toBe(400);
  expect(await simulator.ledger()).toEqual([]);
});
