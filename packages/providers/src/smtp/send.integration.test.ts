import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deadPort } from '../../../../test/contract/answering-server.ts';
import {
  type AnsweringSmtp,
  answeringSmtp,
  type SmtpAnswer,
  type SmtpStep,
} from '../../../../test/contract/answering-smtp.ts';
import { ATTEMPT, call, EMAIL, SECRET, TEXT } from '../../../../test/contract/credentials.ts';
import { until } from '../../../../test/support/until.ts';
import type { ProviderAdapter } from '../contract.ts';
import { type SmtpOptions, smtpAdapter } from './send.ts';

let server: AnsweringSmtp;
let adapter: ProviderAdapter;
const open: ProviderAdapter[] = [];

beforeEach(async () => {
  server = await answeringSmtp();
  adapter = at(server.port);
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
  await server.close();
});

function at(port: number, options: Partial<SmtpOptions> = {}): ProviderAdapter {
  const made = smtpAdapter({ host: '127.0.0.1', port, from: 'Acme <hello@acme.example>', ...options });
  open.push(made);
  return made;
}

const send = (steps: Partial<Record<SmtpStep, SmtpAnswer>> = {}, timeoutMs?: number) => {
  server.answers(steps);
  return adapter.send(EMAIL, call(timeoutMs));
};

test('accepts with the generated Message-ID, which contains the attempt and is the same at every try', async () => {
  const id = `<${ATTEMPT}@acme.example>`;
  expect(await send()).toEqual({ class: 'accepted', providerMessageId: id });
  expect(await send()).toEqual({ class: 'accepted', providerMessageId: id });
  expect(server.letters).toHaveLength(2);
  for (const letter of server.letters) {
    expect(letter).toMatchObject({ from: 'hello@acme.example', to: 'ada@example.com' });
    expect(letter.text).toContain(`Message-ID: ${id}`);
    expect(letter.text).toContain(`X-Carillon-Attempt: ${ATTEMPT}`);
    expect(letter.text).toContain(TEXT);
  }
});

test('reuses a connection, and opens a new one after a failure', async () => {
  await send();
  await send();
  expect(server.connections()).toBe(1);
  await send({ RCPT: '450 4.2.0 Greylisted' });
  await send();
  expect(server.connections()).toBe(2);
});

test.each<[SmtpStep, string, string, string]>([
  ['RCPT', '550 5.1.1 No such user', 'bad_recipient', '550 5.1.1'],
  ['RCPT', '550 5.7.1 Spam', 'rejected', '550 5.7.1'],
  ['RCPT', '550 No', 'rejected', '550'],
  ['RCPT', '450 4.2.0 Greylisted', 'transient', '450 4.2.0'],
  ['MAIL', '553 5.7.1 Sender address rejected', 'misconfigured', '553 5.7.1'],
  ['MAIL', '454 4.7.0 Throttling failure', 'throttled', '454 4.7.0'],
  ['DATA', '554 5.5.1 No valid recipients', 'rejected', '554 5.5.1'],
  ['dot', '554 5.6.0 Message content rejected', 'rejected', '554 5.6.0'],
  ['dot', '451 4.3.0 Try again', 'transient', '451 4.3.0'],
  ['greeting', '421 4.3.2 Too busy', 'transient', '421 4.3.2'],
  ['EHLO', '530 5.7.0 Must issue STARTTLS first', 'misconfigured', '530 5.7.0'],
])('a reply to %s of "%s" is %s, and certain', async (step, reply, outcome, code) => {
  const steps = step === 'EHLO' ? { EHLO: '250 mail.example.com', MAIL: reply } : { [step]: reply };
  expect(await send(steps)).toMatchObject({ class: outcome, code, phase: 'answered' });
});

test.each<[SmtpStep, string, object]>([
  ['RCPT', '452 4.2.2 Mailbox full', { class: 'transient', about: 'recipient' }],
  ['RCPT', '450 4.2.1 Receiving too quickly', { class: 'transient', about: 'recipient' }],
  ['RCPT', '452 4.3.1 Storage', { class: 'transient', about: 'provider' }],
  ['RCPT', '550 5.4.1 Access denied', { class: 'rejected', about: 'recipient', othersMayTake: true }],
  ['RCPT', '550-5.2.1 Mailbox\r\n550 5.2.1 disabled', { class: 'bad_recipient', code: '550 5.2.1' }],
  ['dot', '550 5.1.1 User unknown', { class: 'bad_recipient', about: 'recipient' }],
  ['dot', '552 5.2.2 Mailbox full', { class: 'rejected', about: 'recipient' }],
  ['dot', '421 4.3.2 Shutting down', { class: 'transient', about: 'provider' }],
  ['greeting', '554 No SMTP service here', { class: 'misconfigured', about: 'account' }],
])('a reply to %s of "%s" says what it speaks of', async (step, reply, expected) => {
  expect(await send({ [step]: reply })).toMatchObject({ ...expected, phase: 'answered' });
});

test('EHLO uses the name of the account, else a name or address that others can resolve', async () => {
  await at(server.port, { ehloName: 'mail.acme.example' }).send(EMAIL, call());
  await send();
  expect(server.hellos[0]).toBe('mail.acme.example');
  expect(server.hellos[1]).toMatch(/^(\[127\.0\.0\.1\]|[a-z0-9-]+(\.[a-z0-9-]+)+)$/i);
});

test.each<[SmtpStep, string]>([
  ['EHLO', '501 5.5.4 Invalid name'],
  ['EHLO', '550 Access denied'],
  ['RCPT', '450 4.7.1 <x>: Helo command rejected: Host not found'],
  ['RCPT', '504 5.5.2 <x>: Helo command rejected: need fully-qualified hostname'],
])(
  'a server that rejects the EHLO name (%s: %s) is misconfigured, and the error gives the name and the remedy',
  async (step, reply) => {
    server.answers({ [step]: reply });
    const outcome = await at(server.port, { ehloName: 'pod-7' }).send(EMAIL, call());
    expect(outcome).toMatchObject({ class: 'misconfigured', about: 'account', phase: 'answered' });
    expect((outcome as { message: string }).message).toMatch(/EHLO, pod-7 .*set ehlo_name/);
  },
);

test('a server that greets later than the connect timeout is waited for', async () => {
  server.answers({ greeting: { afterMs: 300, say: '220 mail.example.com ESMTP' } });
  const slow = at(server.port, { connectTimeoutMs: 100, greetingTimeoutMs: 20_000 });
  expect(await slow.send(EMAIL, call(20_000))).toMatchObject({ class: 'accepted' });
});

test.each<[SmtpStep, Partial<SmtpOptions>, object]>([
  [
    'greeting',
    { greetingTimeoutMs: 100 },
    { class: 'transient', code: 'greeting_timeout', phase: 'started' },
  ],
  ['EHLO', { greetingTimeoutMs: 100, commandTimeoutMs: 100 }, { class: 'transient', phase: 'started' }],
  ['AUTH', { commandTimeoutMs: 100 }, { class: 'transient', code: 'timeout', phase: 'started' }],
  ['RCPT', { commandTimeoutMs: 100 }, { class: 'transient', code: 'timeout', phase: 'started' }],
  ['dot', { dataTimeoutMs: 100 }, { class: 'in_doubt', code: 'timeout', phase: 'written' }],
])('silence at %s ends after the time that the account allows for it', async (step, options, expected) => {
  server.answers({ [step]: 'hang' });
  const auth = step === 'AUTH' ? { auth: { user: 'acme', pass: SECRET } } : {};
  expect(await at(server.port, { ...options, ...auth }).send(EMAIL, call(60_000))).toMatchObject(expected);
});

test('slow commands have the command timeout, slow data its own', async () => {
  const late = (say: string) => ({ afterMs: 150, say });
  const account = at(server.port, { commandTimeoutMs: 20_000, dataTimeoutMs: 20_000 });
  server.answers({ DATA: late('354 Go ahead'), dot: late('250 2.0.0 Ok') });
  expect(await account.send(EMAIL, call(60_000))).toMatchObject({ class: 'accepted' });
  expect(account.patience).toMatchObject({ answerMs: 40_000, hangsAfterMs: 16_000 });
});

test('a wrong password is misconfigured, and the server’s text is not passed on', async () => {
  server.answers({ AUTH: `535 5.7.8 Bad password ${SECRET}` });
  const outcome = await at(server.port, { auth: { user: 'acme', pass: SECRET } }).send(EMAIL, call());
  expect(outcome).toMatchObject({ class: 'misconfigured', code: '535 5.7.8', phase: 'answered' });
  expect(JSON.stringify(outcome)).not.toContain(SECRET);
});

test.each<SmtpStep>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
  'a connection that breaks at %s, before the dot, is certain',
  async (step) => {
    expect(await send({ [step]: 'reset' })).toMatchObject({ class: 'transient', phase: 'started' });
    expect(server.letters).toHaveLength(0);
  },
);

test.each<SmtpStep>(['greeting', 'EHLO', 'MAIL', 'DATA'])(
  'silence at %s until the deadline is certain, and the message is not sent afterwards',
  async (step) => {
    const outcome = await send({ [step]: 'hang' }, 200);
    expect(outcome).toMatchObject({ class: 'transient', code: 'timeout', phase: 'started' });
    await send();
    expect(server.letters).toHaveLength(1);
  },
);

test.each<[SmtpAnswer, string]>([
  ['reset', 'connection_reset'],
  ['hang', 'timeout'],
  ['banana', 'invalid_answer'],
  ['354 Go on', 'invalid_answer'],
])('after the dot, "%s" is a doubt (%s)', async (answer, code) => {
  expect(await send({ dot: answer }, 300)).toMatchObject({ class: 'in_doubt', code, phase: 'written' });
  await until('the letter', () => server.letters.length === 1);
});

const HTML = 'HTTP/1.1 200 OK\r\n\r\n<html><p>Log in to the WiFi</html>';
const TEN_MB = `250-${'x'.repeat(10 * 1024 * 1024)}`;
describe.each([
  ['HTML', HTML],
  ['nothing', ''],
  ['a code there is not', '999 what'],
  ['ten megabytes', TEN_MB],
])('an answer of %s', (_, reply) => {
  test.each<SmtpStep>(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA'])(
    'to %s, before the dot, is certain: nothing was sent',
    async (step) => {
      const outcome = await send({ [step]: reply }, 1_000);
      expect(outcome.class).toMatch(/^(transient|rejected)$/);
      expect(server.letters).toHaveLength(0);
    },
  );
});

test.each([
  ['HTML', HTML],
  ['nothing', ''],
  ['half a code', '25'],
  ['a code that is none', '25x OK'],
  ['a code there is not', '999 what'],
  ['ten megabytes', TEN_MB],
])('an answer of %s to the dot is a doubt, never an acceptance', async (_, reply) => {
  const outcome = await send({ dot: reply }, 1_000);
  expect(outcome).toMatchObject({ class: 'in_doubt', phase: 'written' });
});

test('a refused connection is certain', async () => {
  const outcome = await at(await deadPort()).send(EMAIL, call());
  expect(outcome).toMatchObject({ class: 'transient', code: 'connection_refused', phase: 'started' });
});

test('a server without TLS is refused unless allowed', async () => {
  const outcome = await at(server.port, { requireTls: true }).send(EMAIL, call());
  expect(outcome.class).not.toBe('accepted');
  expect(server.letters).toHaveLength(0);
});

test('a message larger than the server accepts is refused before it is sent', async () => {
  const outcome = await send({ EHLO: '250-mail.example.com\r\n250 SIZE 100' });
  expect(outcome).toMatchObject({ class: 'rejected', code: 'too_large', phase: 'started' });
});

test('content cannot make the mailer read files, and addresses cannot add recipients or headers', async () => {
  const body = { path: '/etc/passwd' } as unknown as string;
  await expect(adapter.send({ ...EMAIL, html: body } as typeof EMAIL, call())).resolves.toMatchObject({
    class: 'rejected',
  });
  const two = await adapter.send({ ...EMAIL, to: 'a@example.com, b@example.com' } as typeof EMAIL, call());
  expect(two).toMatchObject({ class: 'rejected', code: 'invalid_message' });
  const subject = 'Hi\r\nBcc: eve@example.com';
  expect(await adapter.send({ ...EMAIL, subject } as typeof EMAIL, call())).toMatchObject({
    class: 'accepted',
  });
  expect(server.letters[0]!.text).not.toMatch(/^Bcc:/m);
  expect(server.letters).toHaveLength(1);
});

test('a message that waits for a connection is abandoned at its deadline and never sent', async () => {
  const one = at(server.port, { maxConnections: 1 });
  server.answers({ dot: 'hang' });
  const [first, second] = await Promise.all([one.send(EMAIL, call(400)), one.send(EMAIL, call(100))]);
  expect(first).toMatchObject({ class: 'in_doubt' });
  expect(second).toMatchObject({ class: 'transient', code: 'timeout', phase: 'started' });
  server.answers({});
  expect(await one.send(EMAIL, call())).toMatchObject({ class: 'accepted' });
  expect(server.letters).toHaveLength(2);
});

test('many messages share few connections', async () => {
  const few = at(server.port, { maxConnections: 2 });
  expect(few.atOnce).toBe(2);
  const outcomes = await Promise.all(Array.from({ length: 20 }, () => few.send(EMAIL, call())));
  expect(outcomes.every((outcome) => outcome.class === 'accepted')).toBe(true);
  expect(server.letters).toHaveLength(20);
  expect(server.connections()).toBe(2);
});

test('a call with an expired lease is never written, however far the dialogue got', async () => {
  const givenUp = { class: 'transient', code: 'lease_over', phase: 'started' };
  expect(await adapter.send(EMAIL, { ...call(), mayWrite: () => false })).toMatchObject(givenUp);
  let looks = 0;
  const overAtTheData = { ...call(), mayWrite: () => ++looks === 1 };
  expect(await adapter.send(EMAIL, overAtTheData)).toMatchObject(givenUp);
  expect(looks).toBe(2);
  expect(await send()).toMatchObject({ class: 'accepted' });
  expect(server.letters).toHaveLength(1);
});
