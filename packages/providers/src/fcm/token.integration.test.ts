import { createPublicKey } from 'node:crypto';
import type { PushMessage } from '@carillon/core/notification/message';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  type AnsweringServer,
  answeringServer,
  CA,
  deadPort,
} from '../../../../test/contract/answering-server.ts';
import { call, push, RSA_KEY } from '../../../../test/contract/credentials.ts';
import { serviceAccount } from '../../../../test/contract/rigs.ts';
import { fcmAdapter } from './send.ts';

let google: AnsweringServer;
let fcm: AnsweringServer;
const adapters: ReturnType<typeof fcmAdapter>[] = [];
beforeEach(async () => {
  [google, fcm] = await Promise.all([answeringServer(), answeringServer({ tls: true })]);
  google.answers({ status: 200, body: '{"access_token":"t-1","expires_in":3600}' });
  fcm.answers({ status: 200, body: '{"name":"projects/acme/messages/1"}' });
});
afterEach(async () => {
  await Promise.all([google.close(), fcm.close(), ...adapters.splice(0).map((adapter) => adapter.close())]);
});

function adapter(tokenUrl = google.url, clock: { now?: () => number } = {}) {
  const made = fcmAdapter({
    ...clock,
    serviceAccount: serviceAccount(tokenUrl),
    dial: { host: '127.0.0.1', port: fcm.port },
    ca: CA,
  });
  adapters.push(made);
  return made;
}
const message = push({ fcm_token: 'device' }) as PushMessage;

test('one token, requested with the account’s key, serves many sends', async () => {
  const one = adapter();
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => one.send(message, call())));
  expect(outcomes.every((outcome) => outcome.class === 'accepted')).toBe(true);
  expect(google.received).toHaveLength(1);
  const form = new URLSearchParams(google.received[0]!.body.toString());
  const { payload } = await jwtVerify(form.get('assertion')!, createPublicKey(RSA_KEY));
  expect(payload).toMatchObject({
    iss: 'push@acme.iam.gserviceaccount.com',
    aud: `${google.url}/token`,
    scope: 'https://www.googleapis.com/auth/firebase.messaging',
  });
});

test('it is requested with the time that the worker gives, which a wrong clock of its machine does not falsify', async () => {
  const anHourAhead = Date.now() + 3_600_000;
  await adapter(google.url, { now: () => anHourAhead }).send(message, call());
  const form = new URLSearchParams(google.received[0]!.body.toString());
  const [, claims] = form.get('assertion')!.split('.');
  const seconds = Math.floor(anHourAhead / 1000);
  expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).toMatchObject({
    iat: seconds,
    exp: seconds + 3600,
  });
});

test('a token that FCM refuses is replaced at the next send', async () => {
  const one = adapter();
  fcm.answers({ status: 401, body: '{"error":{"status":"UNAUTHENTICATED"}}' });
  expect(await one.send(message, call())).toMatchObject({ class: 'misconfigured', code: 'UNAUTHENTICATED' });
  google.answers({ status: 200, body: '{"access_token":"t-2","expires_in":3600}' });
  fcm.answers({ status: 200, body: '{"name":"projects/acme/messages/1"}' });
  expect(await one.send(message, call())).toMatchObject({ class: 'accepted' });
  expect(fcm.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer t-1', 'Bearer t-2']);
});

test('without a token FCM is not called, so every failure to get one is certain', async () => {
  const one = adapter();
  google.answers({ status: 400, body: '{"error":"invalid_grant"}' });
  expect(await one.send(message, call())).toMatchObject({ class: 'misconfigured', code: 'no_access_token' });
  google.answers({ status: 503 });
  expect(await one.send(message, call())).toMatchObject({ class: 'transient', code: 'no_access_token' });
  google.answers({ status: 200, body: '<html>' });
  expect(await one.send(message, call())).toMatchObject({ class: 'transient', code: 'no_access_token' });
  google.answers('hang');
  expect(await one.send(message, call(100))).toMatchObject({
    class: 'transient',
    code: 'timeout',
    phase: 'started',
  });
  const unreachable = adapter(`http://127.0.0.1:${await deadPort()}`);
  expect(await unreachable.send(message, call())).toMatchObject({
    class: 'transient',
    code: 'connection_refused',
  });
  expect(fcm.received).toHaveLength(0);
});

test('FCM without a Retry-After is not called for a minute', async () => {
  fcm.answers({ status: 429, body: '{"error":{"status":"RESOURCE_EXHAUSTED"}}' });
  expect(await adapter().send(message, call())).toMatchObject({ class: 'throttled', retryAfterMs: 60_000 });
});
