import type { EmailMessage } from '@carillon/core/notification/message';
import { expect, test } from 'vitest';
import { ATTEMPT, EMAIL, NOTIFICATION } from '../../../../test/contract/credentials.ts';
import type { HttpRequest, HttpResult } from '../http/http-client.ts';
import { postmarkLookup } from './lookup.ts';

const MESSAGE = EMAIL as EmailMessage;
const lost = () => ({
  notificationId: NOTIFICATION,
  attemptId: ATTEMPT,
  startedAt: new Date(),
  askedAt: new Date(),
  signal: AbortSignal.timeout(1_000),
});
const answered = (status: number, body: unknown): HttpResult => ({
  phase: 'answered',
  status,
  headers: {},
  body: typeof body === 'string' ? body : JSON.stringify(body),
  tooLarge: false,
});

/** The request of a lookup, and its result for this answer. */
async function ask(result: HttpResult) {
  const asked: Pick<HttpRequest, 'path' | 'headers'>[] = [];
  const get = async (request: Pick<HttpRequest, 'path' | 'headers'>) => {
    asked.push(request);
    return result;
  };
  const lookup = postmarkLookup({ get }, { 'x-postmark-server-token': 't' }, 'receipts');
  return { evidence: await lookup.find(MESSAGE, lost()), asked, settlesAfterMs: lookup.settlesAfterMs };
}
const message = (attempt: unknown, more: object = {}) => ({
  MessageID: 'pm-1',
  Status: 'Sent',
  Metadata: { attempt },
  ...more,
});

test('the stream of the send is searched for the attempt id in the metadata', async () => {
  const { asked } = await ask(answered(200, { TotalCount: 0, Messages: [] }));
  expect(asked).toEqual([
    {
      path: expect.stringContaining('/messages/outbound?'),
      headers: { 'x-postmark-server-token': 't' },
      signal: expect.any(AbortSignal),
    },
  ]);
  const query = new URLSearchParams(asked[0]!.path.split('?')[1]);
  expect(Object.fromEntries(query)).toEqual({
    count: '10',
    offset: '0',
    messagestream: 'receipts',
    metadata_attempt: ATTEMPT,
  });
});

test('a message with the attempt id proves acceptance, under the id that the send would have returned', async () => {
  const Messages = [message('another/1', { MessageID: 'pm-0' }), message(ATTEMPT)];
  expect((await ask(answered(200, { TotalCount: 2, Messages }))).evidence).toEqual({
    found: 'accepted',
    providerMessageId: 'pm-1',
    evidence: 'Postmark has the message, Sent',
  });
});

test('an empty list proves absence, but only after five minutes', async () => {
  const { evidence, settlesAfterMs } = await ask(answered(200, { TotalCount: 0, Messages: [] }));
  expect(evidence).toMatchObject({ found: 'absent' });
  expect(settlesAfterMs).toBe(300_000);
});

test.each([
  answered(200, '<html>'),
  answered(200, {}),
  answered(200, { TotalCount: 0, Messages: {} }),
  answered(200, { Messages: [] }),
  answered(200, { TotalCount: 3, Messages: [] }),
  answered(200, { TotalCount: 1, Messages: [null] }),
  answered(200, { TotalCount: 1, Messages: [{ MessageID: 'pm-1', Metadata: null }] }),
  // Postmark did not filter: no listed message is this call, and this call may be on another page.
  answered(200, { TotalCount: 1, Messages: [message('another/1')] }),
  answered(200, { TotalCount: 1, Messages: [message(ATTEMPT, { MessageID: 7 })] }),
  answered(200, { TotalCount: 1, Messages: [message(ATTEMPT, { MessageID: '' })] }),
  answered(422, { ErrorCode: 700, Message: 'x' }),
  { ...answered(200, { TotalCount: 0, Messages: [] }), tooLarge: true } as HttpResult,
])('anything else settles nothing (%#)', async (result) => {
  expect((await ask(result)).evidence).toMatchObject({ found: 'unknown' });
  expect((await ask(result)).evidence).not.toHaveProperty('unanswered');
});

test.each([answered(429, {}), answered(500, ''), { phase: 'written', error: new Error('x') } as HttpResult])(
  'if Postmark could not be queried, the query is worth repeating (%#)',
  async (result) => {
    expect((await ask(result)).evidence).toMatchObject({ found: 'unknown', unanswered: true });
  },
);
