import type { SmsMessage } from '@carillon/core/notification/message';
import { expect, test } from 'vitest';
import { ATTEMPT, NOTIFICATION, SMS, TEXT } from '../../../../test/contract/credentials.ts';
import type { HttpResult } from '../http/http-client.ts';
import { termiiReports } from './reports.ts';

const STARTED = new Date('2026-11-21T12:00:00Z');
const MINUTE_MS = 60_000;
const NOW_MS = STARTED.getTime() + 3 * MINUTE_MS;

const row = (fields: object = {}) => ({
  sender: 'Acme',
  receiver: '15005550100',
  message: TEXT,
  status: 'Delivered',
  message_id: '3017545711235443752697757',
  created_at: '2026-11-21 12:00:01',
  ...fields,
});
const OTHER = row({ receiver: '2348012345678', message_id: '1' });

const answered = (status: number, body: unknown): HttpResult => ({
  phase: 'answered',
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  tooLarge: false,
});

const find = (result: HttpResult, known: string[] = [], nowMs = NOW_MS) =>
  termiiReports(async () => result).find(SMS as SmsMessage, {
    notificationId: NOTIFICATION,
    attemptId: ATTEMPT,
    startedAt: STARTED,
    askedAt: new Date(nowMs),
    signal: AbortSignal.timeout(1_000),
    recorded: async (ids) => new Set(ids.filter((id) => known.includes(id))),
  });
const among = (...rows: object[]) => find(answered(200, [OTHER, ...rows]));

test('the same text to the same number at the time of the call proves acceptance', async () => {
  expect(await among(row())).toEqual({
    found: 'accepted',
    providerMessageId: '3017545711235443752697757',
    evidence: 'the report has the message, Delivered',
  });
});

test('a time an hour ahead is the same time, in Lagos', async () => {
  expect(await among(row({ created_at: '2026-11-21 13:00:01' }))).toMatchObject({ found: 'accepted' });
});

test('spaces and punctuation may differ', async () => {
  expect(await among(row({ message: ` ${TEXT.replace(' ', '\n')}.` }))).toMatchObject({ found: 'accepted' });
});

test.each([
  ['of another number', row({ receiver: '15005550101' })],
  ['of an earlier time', row({ created_at: '2026-11-21 11:30:00' })],
  ['of a later time', row({ created_at: '2026-11-21 12:30:00' })],
  ['of another day', row({ created_at: '2026-11-19 12:00:01' })],
])('only a message %s is absence', async (_, other) => {
  expect(await among(other)).toMatchObject({ found: 'absent' });
});

test('two possible matches settle nothing, unless one is known to be another attempt', async () => {
  const twin = row({ message_id: 'twin' });
  expect(await among(row(), twin)).toMatchObject({ found: 'unknown' });
  const known = await find(answered(200, [row(), twin]), ['twin']);
  expect(known).toMatchObject({ found: 'accepted', providerMessageId: row().message_id });
});

test("another attempt's message does not count for this one", async () => {
  expect(await find(answered(200, [OTHER, row()]), [row().message_id])).toMatchObject({ found: 'absent' });
});

test('a very recent message may be another call in flight', async () => {
  const evidence = await find(answered(200, [row()]), [], STARTED.getTime() + 10_000);
  expect(evidence).toMatchObject({ found: 'unknown' });
});

test.each([
  ['with another text at that time', row({ message: 'Something else' })],
  ['without a time', row({ created_at: null })],
  ['without an id', row({ message_id: null })],
  ['with a number for an id', row({ message_id: 7 })],
])('a message to this number %s settles nothing', async (_, other) => {
  expect(await among(other)).toMatchObject({ found: 'unknown' });
});

test('a page of a paged report may prove acceptance but not absence', async () => {
  const page = (...rows: object[]) => find(answered(200, { data: { data: rows, last_page: 9 } }));
  expect(await page(OTHER, row())).toMatchObject({ found: 'accepted' });
  expect(await page(OTHER)).toMatchObject({ found: 'unknown' });
  expect(await find(answered(200, { data: [OTHER] }))).toMatchObject({ found: 'unknown' });
});

test('a provider that cannot be queried now is distinguished from one without a clear answer', async () => {
  const down = { phase: 'written', error: new Error('x') } as HttpResult;
  for (const result of [down, answered(503, []), answered(429, [])])
    expect(await find(result)).toMatchObject({ found: 'unknown', unanswered: true });
  expect(await find(answered(401, []))).toMatchObject({ found: 'unknown', unanswered: false });
});

test.each([
  answered(200, []),
  answered(200, '<html>'),
  answered(200, 'null'),
  answered(200, '7'),
  answered(200, {}),
  answered(200, [null]),
  answered(200, ['row']),
  answered(401, []),
  answered(500, [OTHER]),
  { ...answered(200, [OTHER]), tooLarge: true } as HttpResult,
  { phase: 'written', error: new Error('x') } as HttpResult,
])('what is no report settles nothing (%#)', async (result) => {
  expect(await find(result)).toMatchObject({ found: 'unknown' });
});
