import { expect, test } from 'vitest';
import type { HttpResult } from '../http/http-client.ts';
import { twilioLookup } from './lookup.ts';

const BEGAN = Date.parse('2026-11-21T10:00:00Z');
const message = { channel: 'sms', to: '+12025550123', text: 'Your code is “4711”' } as const;
const sid = (n: number) => `SM${String(n).padStart(32, '0')}`;

const row = (n: number, over: Record<string, unknown> = {}) => ({
  sid: sid(n),
  to: message.to,
  body: message.text,
  status: 'sent',
  direction: 'outbound-api',
  date_created: new Date(BEGAN + 1000).toUTCString().replace('GMT', '+0000'),
  ...over,
});
const at = (offsetMs: number) => ({ date_created: new Date(BEGAN + offsetMs).toUTCString() });
const answer = (body: unknown, status = 200): HttpResult => ({
  phase: 'answered',
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  tooLarge: false,
});
const list = (...messages: unknown[]) => answer({ messages, next_page_uri: null });

const find = (result: HttpResult, recorded: string[] = [], now = BEGAN + 60_000) =>
  twilioLookup(async () => result).find(message, {
    notificationId: 'n',
    attemptId: 'n/1',
    startedAt: new Date(BEGAN),
    askedAt: new Date(now),
    signal: AbortSignal.timeout(1000),
    recorded: async (ids) => new Set(ids.filter((id) => recorded.includes(id))),
  });

test('one message with this text to this number at that time is the lost one', async () => {
  const other = row(2, { body: 'Something else' });
  const inbound = row(3, { direction: 'inbound' });
  expect(await find(list(inbound, other, row(1)))).toMatchObject({
    found: 'accepted',
    providerMessageId: sid(1),
  });
});

test('a message of another attempt is not this one', async () => {
  expect(await find(list(row(2), row(1)), [sid(2)])).toMatchObject({ providerMessageId: sid(1) });
  expect(await find(list(row(1)), [sid(1)])).toMatchObject({ found: 'absent' });
});

test('two possible matches settle nothing', async () => {
  expect(await find(list(row(1), row(2)))).toMatchObject({ found: 'unknown' });
});

test('texts are compared despite Twilio’s changes', async () => {
  for (const body of ['Your code is "4711"', `Sent from your Twilio trial account - ${message.text}`]) {
    expect(await find(list(row(1, { body })))).toMatchObject({ found: 'accepted' });
  }
  expect(await find(list(row(1, { body: 'Your code is "4712"' })))).toMatchObject({ found: 'absent' });
});

test('a message without its text could be any', async () => {
  expect(await find(list(row(1, { body: '' })))).toMatchObject({ found: 'unknown' });
});

test('a match so recent that another call’s answer may be in transit does not count yet', async () => {
  expect(await find(list(row(1, at(50_000))))).toMatchObject({ found: 'unknown', tooNew: true });
  expect(await find(list(row(1, at(50_000))), [], BEGAN + 66_000)).toMatchObject({ found: 'accepted' });
});

test('copies from another time are other messages', async () => {
  expect(await find(list(row(1, at(-31_000)), row(2, at(91_000))))).toMatchObject({ found: 'absent' });
  expect(await find(list(row(1, at(-29_000))))).toMatchObject({ found: 'accepted' });
});

test('a message that failed at once was not sent', async () => {
  expect(await find(list(row(1, { status: 'failed' })))).toEqual({
    found: 'absent',
    evidence: 'Twilio has the message as failed: it was not sent',
  });
  expect(await find(list(row(1, { status: 'undelivered' })))).toMatchObject({ found: 'accepted' });
});

test('absence is proven only by a list that reaches back to the call', async () => {
  const page = (...messages: unknown[]) => answer({ messages, next_page_uri: '/next' });
  const other = { body: 'x' };
  expect(await find(page(row(1, other)))).toMatchObject({ found: 'unknown' });
  expect(await find(page(row(1, other), row(2, { ...other, ...at(-60_000) })))).toMatchObject({
    found: 'absent',
  });
  expect(await find(page(row(1)))).toMatchObject({ found: 'accepted' });
  expect(await find(list())).toMatchObject({ found: 'absent' });
});

test('a provider that cannot be queried now is distinguished from one without a clear answer', async () => {
  const down = { phase: 'written', error: new Error('reset') } as const;
  for (const result of [down, answer({}, 503), answer({}, 429)])
    expect(await find(result)).toMatchObject({ found: 'unknown', unanswered: true });
  expect(await find(answer({}, 401))).toMatchObject({ found: 'unknown', unanswered: false });
});

test.each([
  ['no answer', { phase: 'written', error: new Error('reset') } as const],
  ['an answer that is too large', { ...answer(''), tooLarge: true } as HttpResult],
  ['an error', answer({ code: 20003 }, 401)],
  ['HTML', answer('<html>')],
  ['no list', answer({ messages: 'none' })],
  ['an error inside', answer({ error: 'x' })],
  ['rows that are no messages', list(null)],
  ['a row without a time', list(row(1, { date_created: null }))],
  ['a row with a strange id', list(row(1, { sid: 'SM1\n' }))],
])('%s settles nothing', async (_, result) => {
  expect(await find(result)).toMatchObject({ found: 'unknown' });
});
