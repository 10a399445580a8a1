import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  type Answer,
  type AnsweringServer,
  answeringServer,
  deadPort,
} from '../../../../test/contract/answering-server.ts';
import { SECRET } from '../../../../test/contract/credentials.ts';
import type { ProviderAdapter, Report } from '../contract.ts';
import { twilioAdapter } from './send.ts';

const SID = `SM${'0a'.repeat(16)}`;
const resource = (over: Record<string, unknown> = {}) => ({
  sid: SID,
  status: 'delivered',
  to: '+15005550100',
  error_code: null,
  error_message: null,
  ...over,
});
const answer = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) });

let server: AnsweringServer;
const adapters: ProviderAdapter[] = [];
beforeAll(async () => {
  server = await answeringServer();
});
afterEach(() => {
  server.received.length = 0;
});
afterAll(async () => {
  await Promise.all(adapters.map((adapter) => adapter.close()));
  await server.close();
});

function twilioAt(baseUrl: string, over: object = {}): ProviderAdapter {
  const adapter = twilioAdapter({
    accountSid: 'AC1',
    authToken: SECRET,
    from: '+15005550006',
    baseUrl,
    ...over,
  }) as unknown as ProviderAdapter;
  adapters.push(adapter);
  return adapter;
}

async function asked(given: Answer, sid = SID, timeoutMs = 2000): Promise<Report> {
  server.answers(given);
  return twilioAt(server.url).reports!.of(sid, AbortSignal.timeout(timeoutMs));
}

test('only an account without a callback is queried, until its validity is over', () => {
  expect(twilioAt(server.url).reports?.finalAfterMs).toBe(36_000_000);
  expect(twilioAt(server.url, { validitySeconds: 60 }).reports?.finalAfterMs).toBe(60_000);
  expect(twilioAt(server.url, { callbackUrl: 'https://api.example.test/r' }).reports).toBeUndefined();
});

test('fetches the message itself, once, with the login of the account', async () => {
  await asked(answer(resource()));
  expect(server.received).toMatchObject([{ path: `/2010-04-01/Accounts/AC1/Messages/${SID}.json` }]);
  const login = server.received[0]!.headers.authorization!.replace('Basic ', '');
  expect(Buffer.from(login, 'base64').toString()).toBe(`AC1:${SECRET}`);
});

test('the answer is the receipt that a callback would have delivered', async () => {
  expect(await asked(answer(resource()))).toEqual({
    receipt: {
      eventId: `${SID}/delivered`,
      kind: 'delivered',
      providerMessageId: SID,
      address: '+15005550100',
    },
  });
});

test.each([
  ['queued', null, 'accepted'],
  ['sent', null, 'accepted'],
  ['read', null, 'delivered'],
  ['undelivered', 30005, 'bounced'],
  ['undelivered', 30003, 'soft_bounced'],
  ['failed', 21610, 'opted_out'],
  ['undelivered', 30007, 'failed'],
  ['canceled', null, 'failed'],
])('%s with code %s is %s', async (status, error_code, kind) => {
  const report = await asked(answer(resource({ status, error_code, error_message: 'words' })));
  expect(report).toMatchObject({
    receipt: { kind, ...(error_code === null ? {} : { code: String(error_code) }), detail: 'words' },
  });
});

test.each<[string, Answer]>([
  ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><p>Log in to the WiFi' }],
  ['nothing', { status: 200 }],
  ['JSON that breaks off', { status: 200, body: JSON.stringify(resource()).slice(0, -1) }],
  ['an array', answer([resource()])],
  ['null', answer(null)],
  ['another message', answer(resource({ sid: `SM${'ff'.repeat(16)}` }))],
  ['no id', answer(resource({ sid: undefined }))],
  ['a status of another type', answer(resource({ status: 7 }))],
  ['an object for a status', answer(resource({ status: { delivered: true } }))],
  ['an unknown status', answer(resource({ status: 'lost' }))],
  ['the name of a field of every object', answer(resource({ status: 'constructor' }))],
  ['10 MB', answer(resource({ body: 'x'.repeat(10_000_000) }))],
  ['that there is no such message', answer({ code: 20404, status: 404 }, 404)],
])('an answer with %s is one that tells nothing', async (_, given) => {
  expect(await asked(given)).toEqual({ receipt: null, why: expect.any(String), unanswered: false });
});

test.each<[string, Answer]>([
  ['a limit', answer({ code: 20429 }, 429)],
  ['a login it does not know', answer({ code: 20003 }, 401)],
  ['an outage', { status: 503, body: '<html>' }],
  ['a redirect', { status: 302, headers: { location: 'https://elsewhere.test' } }],
  ['an answer that is cut off', 'cut_off'],
  ['a broken connection', 'reset'],
  ['no HTTP', 'gibberish'],
])('%s is no answer: it is asked again', async (_, given) => {
  expect(await asked(given)).toEqual({ receipt: null, why: expect.any(String), unanswered: true });
  expect(server.received).toHaveLength(1);
});

test('silence until the deadline and a closed port are not answers', async () => {
  expect(await asked('hang', SID, 100)).toMatchObject({ unanswered: true });
  const unreachable = twilioAt(`http://127.0.0.1:${await deadPort()}`);
  expect(await unreachable.reports!.of(SID, AbortSignal.timeout(2000))).toMatchObject({ unanswered: true });
});

test('a text that is not a Twilio id is not queried', async () => {
  for (const id of ['receipt:1', '', `${SID}/../../x`, SID.toUpperCase()])
    expect(await asked(answer(resource()), id)).toMatchObject({ receipt: null, unanswered: false });
  expect(server.received).toEqual([]);
});

test('texts that could not be stored are repaired, invalid codes and addresses are omitted; the report counts', async () => {
  for (const odd of ['a\u0000b', 'half \ud800', { words: 1 }, 'x'.repeat(100_000)]) {
    const report = await asked(
      answer(resource({ status: 'failed', error_message: odd, error_code: odd, to: odd })),
    );
    expect(report).toMatchObject({ receipt: { kind: 'failed' } });
    const { code, detail = '', address } = report.receipt!;
    expect(detail.length).toBeLessThanOrEqual(500);
    expect(detail.isWellFormed() && !detail.includes('\u0000')).toBe(true);
    expect([code, address]).toEqual([undefined, undefined]);
  }
});

test('the login is not stored', async () => {
  server.answers(({ headers }) => answer({ code: headers.authorization, message: SECRET }, 500));
  const report = await twilioAt(server.url).reports!.of(SID, AbortSignal.timeout(2000));
  expect(JSON.stringify(report)).not.toContain(SECRET);
});
