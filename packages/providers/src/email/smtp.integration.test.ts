import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import type { ProviderAdapter } from '../contract.ts';
import { deadPort } from '../proving/answering-server.ts';
import {
  type AnsweringSmtp,
  answeringSmtp,
  type SmtpAnswer,
  type SmtpStep,
} from '../proving/answering-smtp.ts';
import { ATTEMPT, call, EMAIL, SECRET, TEXT } from '../proving/credentials.ts';
import { type SmtpOptions, smtpAdapter } from './smtp.ts';

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

test('accepts with our Message-ID, which carries the attempt and is the same at every try', async () => {
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

test('uses a connection again, and a new one after a failure', async () => {
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

test('a wrong password is misconfigured, and its words are not passed on', async () => {
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
  'silence at %s until the deadline is certain, and the message does not go out afterwards',
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

test('a server without TLS is refused unless that was allowed', async () => {
  const outcome = await at(server.port, { requireTls: true }).send(EMAIL, call());
  expect(outcome.class).not.toBe('accepted');
  expect(server.letters).toHaveLength(0);
});

test('a message larger than the server takes is refused before it is sent', async () => {
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

test('a message that waits for a connection is given up at its deadline and never sent', async () => {
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

test('a call whose lease is over is never written, however far the dialogue came', async () => {
  const givenUp = { class: 'transient', code: 'lease_over', phase: 'started' };
  expect(await adapter.send(EMAIL, { ...call(), mayWrite: () => false })).toMatchObject(givenUp);
  let looks = 0;
  const overAtTheData = { ...call(), mayWrite: () => ++looks === 1 };
  expect(await adapter.send(EMAIL, overAtTheData)).toMatchObject(givenUp);
  expect(looks).toBe(2);
  expect(await send()).toMatchObject({ class: 'accepted' });
  expect(server.letters).toHaveLength(1);
});
