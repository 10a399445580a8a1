import type { EmailMessage } from '@carillon/core/notification/message';
import { expect, test } from 'vitest';
import { ATTEMPT, EMAIL, NOTIFICATION } from '../../../../test/contract/credentials.ts';
import type { HttpClient, HttpRequest, HttpResult } from '../http/http-client.ts';
import { activityLookup } from './lookup.ts';

const MESSAGE = EMAIL as EmailMessage;
const lost = () => ({
  notificationId: NOTIFICATION,
  attemptId: ATTEMPT,
  startedAt: new Date(),
  askedAt: new Date(),
  signal: AbortSignal.timeout(1_000),
});

/** A client with this answer to every request, which records the paths. */
function answering(result: HttpResult) {
  const paths: string[] = [];
  const get = async ({ path }: Pick<HttpRequest, 'path'>) => {
    paths.push(path);
    return result;
  };
  return { paths, http: { get } as unknown as HttpClient };
}
const answered = (status: number, body: unknown): HttpResult => ({
  phase: 'answered',
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  tooLarge: false,
});
const found = (result: HttpResult) => activityLookup(answering(result).http, {}).find(MESSAGE, lost());

test('searches for the attempt id of the send', async () => {
  const { http, paths } = answering(answered(200, { messages: [] }));
  await activityLookup(http, {}).find(MESSAGE, lost());
  expect(decodeURIComponent(paths[0]!)).toBe(
    `/v3/messages?limit=10&query=unique_args['attempt_id']="${ATTEMPT}"`,
  );
});

test('searches for any send of the notification where a restored database does not know which it was', async () => {
  const { http, paths } = answering(answered(200, { messages: [] }));
  await activityLookup(http, {}).find(MESSAGE, { ...lost(), endedAt: new Date() });
  expect(decodeURIComponent(paths[0]!)).toBe(
    `/v3/messages?limit=10&query=unique_args['notification_id']="${NOTIFICATION}"`,
  );
});

test('a message proves acceptance, with the id that the send would have returned', async () => {
  const messages = [{ msg_id: 'Gf_eKX3c.recvd-6d-1-0', status: 'processed' }];
  expect(await found(answered(200, { messages }))).toEqual({
    found: 'accepted',
    providerMessageId: 'Gf_eKX3c',
    evidence: 'Email Activity has the message, processed',
  });
});

test('an empty list proves absence', async () => {
  expect(await found(answered(200, { messages: [] }))).toMatchObject({ found: 'absent' });
});

test.each([
  answered(200, '<html>'),
  answered(200, {}),
  answered(200, { messages: {} }),
  answered(200, { messages: [null] }),
  answered(200, { messages: [{ msg_id: 7 }] }),
  answered(200, { messages: [{ msg_id: '' }] }),
  answered(429, { messages: [] }),
  answered(500, { messages: [] }),
  { ...answered(200, { messages: [] }), tooLarge: true } as HttpResult,
  { phase: 'written', error: new Error('x') } as HttpResult,
])('anything else settles nothing (%#)', async (result) => {
  expect(await found(result)).toMatchObject({ found: 'unknown' });
});

test('a provider that cannot be queried now is distinguished from one without a clear answer', async () => {
  const down = { phase: 'written', error: new Error('x') } as HttpResult;
  for (const result of [down, answered(503, {}), answered(429, {})])
    expect(await found(result)).toMatchObject({ found: 'unknown', unanswered: true });
  expect(await found(answered(403, {}))).toMatchObject({ found: 'unknown', unanswered: false });
});

test('no more than six queries a minute are sent', async () => {
  const { http, paths } = answering(answered(200, { messages: [] }));
  let nowMs = 0;
  const lookup = activityLookup(http, {}, undefined, () => nowMs);
  const ask = () => lookup.find(MESSAGE, lost());
  for (let n = 0; n < 6; n++) expect(await ask()).toMatchObject({ found: 'absent' });
  expect(await ask()).toMatchObject({ found: 'unknown', unanswered: true });
  expect(paths).toHaveLength(6);
  nowMs = 60_000;
  expect(await ask()).toMatchObject({ found: 'absent' });
  expect(lookup.settlesAfterMs).toBe(600_000);
});
