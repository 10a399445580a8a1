import type { EmailMessage } from '@carillon/core/notification/message';
import type { ProviderAdapter } from '@carillon/providers/contract';
import { postmarkAdapter } from '@carillon/providers/postmark/send';
import { resendAdapter } from '@carillon/providers/resend/send';
import { sendgridAdapter } from '@carillon/providers/sendgrid/send';
import { sesAdapter } from '@carillon/providers/ses/send';
import { smtpAdapter } from '@carillon/providers/smtp/send';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from './answering-server.ts';
import { type AnsweringSmtp, answeringSmtp } from './answering-smtp.ts';
import { call, EMAIL, SECRET } from './credentials.ts';

const MESSAGE = EMAIL as EmailMessage;
const OWN = 'Acme <hello@acme.example>';

let http: AnsweringServer;
let mail: AnsweringSmtp;
let adapters: Record<'resend' | 'sendgrid' | 'postmark' | 'ses' | 'smtp', ProviderAdapter<EmailMessage>>;
beforeAll(async () => {
  http = await answeringServer();
  mail = await answeringSmtp();
  http.answers(({ path }) => ({
    status: path.startsWith('/v3') ? 202 : 200,
    headers: { 'x-message-id': 'm-1', 'content-type': 'application/json' },
    body: path.startsWith('/v3') ? '' : '{"id":"m-1","MessageId":"m-1","MessageID":"m-1","ErrorCode":0}',
  }));
  adapters = {
    resend: resendAdapter({ apiKey: 're_x', from: OWN, baseUrl: http.url }),
    sendgrid: sendgridAdapter({ apiKey: 'SG.x', from: OWN, baseUrl: http.url }),
    postmark: postmarkAdapter({ serverToken: 'x', from: OWN, baseUrl: http.url }),
    ses: sesAdapter({
      credentials: { accessKeyId: 'AKIAACME', secretAccessKey: SECRET },
      region: 'eu-west-1',
      from: OWN,
      baseUrl: http.url,
    }),
    smtp: smtpAdapter({ host: '127.0.0.1', port: mail.port, from: OWN }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(adapters).map((adapter) => adapter.close()));
  await Promise.all([http.close(), mail.close()]);
});

const header = (text: string, name: string) =>
  new RegExp(`^${name}: (.*(?:\\r?\\n[ \\t].*)*)`, 'im').exec(text)?.[1]?.replace(/\r?\n[ \t]/g, ' ');

/** Sender, address for answers and recipient, as each wire has them. */
async function sent(name: keyof typeof adapters, change: Partial<EmailMessage>) {
  const outcome = await adapters[name].send({ ...MESSAGE, ...change }, call());
  expect(outcome, name).toMatchObject({ class: 'accepted' });
  if (name === 'smtp') {
    const { from, to, text } = mail.letters.at(-1)!;
    return { mailFrom: from, rcptTo: to, from: header(text, 'From'), replyTo: header(text, 'Reply-To') };
  }
  return JSON.parse(http.received.at(-1)!.body.toString());
}

test.each([
  ['Acme: Support <s@acme.example>', 'Acme: Support', 's@acme.example'],
  ['24/7: Help; now, please <h@acme.example>', '24/7: Help; now, please', 'h@acme.example'],
  ['Back"slash <a@acme.example>', 'Back"slash', 'a@acme.example'],
  ['Acme (EU) \\ [x] @ <a@acme.example>', 'Acme (EU) \\ [x] @', 'a@acme.example'],
  ['"A <b@x.example>" <a@acme.example>', 'A <b@x.example>', 'a@acme.example'],
])('the name of %s is quoted and its address unchanged on every wire', async (text, name, address) => {
  const quoted = `"${name.replace(/["\\]/g, '\\$&')}" <${address}>`;
  const change = { from: text, replyTo: text };
  expect(await sent('smtp', change)).toMatchObject({ mailFrom: address, from: quoted, replyTo: quoted });
  expect(await sent('ses', change)).toMatchObject({ FromEmailAddress: quoted, ReplyToAddresses: [quoted] });
  expect(await sent('resend', change)).toMatchObject({ from: quoted, reply_to: quoted });
  expect(await sent('postmark', change)).toMatchObject({ From: quoted, ReplyTo: quoted });
  const parts = { name, email: address };
  expect(await sent('sendgrid', change)).toMatchObject({ from: parts, reply_to: parts });
});

test('a name outside ASCII is an encoded word where headers are ASCII, and itself where they are not', async () => {
  const from = 'B\u00fccher: neu <a@B\u00fccher.example>';
  const encoded = '=?UTF-8?B?QsO8Y2hlcjogbmV1?= <a@xn--bcher-kva.example>';
  expect((await sent('ses', { from })).FromEmailAddress).toBe(encoded);
  expect(await sent('smtp', { from })).toMatchObject({
    mailFrom: 'a@xn--bcher-kva.example',
    from: expect.stringMatching(/^=\?UTF-8\?[BQ]\?\S+\?= <a@xn--bcher-kva\.example>$/),
  });
  expect((await sent('resend', { from })).from).toBe('"B\u00fccher: neu" <a@xn--bcher-kva.example>');
  expect((await sent('postmark', { from })).From).toBe('"B\u00fccher: neu" <a@xn--bcher-kva.example>');
  expect((await sent('sendgrid', { from })).from).toEqual({
    name: 'B\u00fccher: neu',
    email: 'a@xn--bcher-kva.example',
  });
});

test('a quoted local part is sent unchanged by every provider', async () => {
  const to = '"user..name"@docomo.ne.jp';
  expect((await sent('smtp', { to })).rcptTo).toBe(to);
  expect((await sent('ses', { to })).Destination).toEqual({ ToAddresses: [to] });
  expect((await sent('resend', { to })).to).toBe(to);
  expect((await sent('postmark', { to })).To).toBe(to);
  expect((await sent('sendgrid', { to })).personalizations).toEqual([{ to: [{ email: to }] }]);
});

describe('what an older release stored and no wire could say is not sent', () => {
  test.each(['resend', 'sendgrid', 'postmark', 'ses', 'smtp'] as const)('by %s', async (name) => {
    for (const text of ['all: a@x.example;', 'a@x.example, b@x.example', 'A <a@x.example>, B <b@x.example>'])
      for (const field of ['from', 'replyTo'])
        expect(await adapters[name].send({ ...MESSAGE, [field]: text }, call())).toMatchObject({
          class: 'rejected',
          code: 'invalid_message',
        });
  });
});
