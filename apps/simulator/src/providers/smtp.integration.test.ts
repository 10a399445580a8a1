import { attemptId, notificationId } from '@carillon/core/text/ids';
import nodemailer from 'nodemailer';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../../test/support/until.ts';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';

const id = notificationId('app', 'test', 'mail');

let simulator: SimulatorUnderTest;
let mailer: ReturnType<typeof nodemailer.createTransport>;

beforeEach(async () => {
  simulator = await simulatorUnderTest();
  const url = new URL(simulator.smtpUrl);
  mailer = nodemailer.createTransport({
    host: url.hostname,
    port: Number(url.port),
    auth: { user: 'anyone', pass: 'anything' },
  });
});
afterEach(async () => {
  mailer.close();
  await simulator.end();
});

const mail = (to: string) => ({ from: 'hi@acme.example', to, subject: 'Grüße, Ada ✓', text: 'Hi' });

test('nodemailer sends with any login, and the ledger finds the attempt in the headers', async () => {
  const planted = { ...mail('ada@example.com'), messageId: `<${attemptId(id, 1)}@acme.example>` };
  const sent = await mailer.sendMail(planted);
  expect(sent.response).toMatch(/^250 OK: queued as 1/);
  await mailer.sendMail({ ...mail('ada@example.com'), headers: { 'X-Carillon-Attempt': attemptId(id, 2) } });
  const expected = { provider: 'smtp', channel: 'email', to: 'ada@example.com', subject: 'Grüße, Ada ✓' };
  expect(await simulator.ledger()).toMatchObject([
    { ...expected, notification_id: id, attempt_id: attemptId(id, 1) },
    { ...expected, notification_id: id, attempt_id: attemptId(id, 2) },
  ]);
});

test.each([
  ['bounce@example.com', 550, '5.1.1'],
  ['error@example.com', 451, '4.3.0'],
  ['throttle@example.com', 450, '4.7.1'],
])('%s is refused at RCPT with %i %s and not accepted', async (to, responseCode, enhanced) => {
  const sending = mailer.sendMail(mail(to));
  await expect(sending).rejects.toMatchObject({ responseCode, command: 'RCPT TO' });
  await expect(sending).rejects.toThrow(enhanced);
  expect(await simulator.ledger()).toEqual([]);
});

test('throttle@ takes the third try', async () => {
  const codes = [];
  for (let i = 0; i < 3; i++) {
    codes.push(
      await mailer.sendMail(mail('throttle@example.com')).then(
        () => 250,
        (error: { responseCode: number }) => error.responseCode,
      ),
    );
  }
  expect(codes).toEqual([450, 450, 250]);
});

test('drop@ is accepted and then the connection dies without a reply', async () => {
  await expect(mailer.sendMail(mail('drop@example.com'))).rejects.not.toHaveProperty('responseCode', 250);
  expect(await simulator.ledger()).toMatchObject([{ to: 'drop@example.com' }]);
});

test('timeout@ is accepted and never answered', async () => {
  const ended = mailer.sendMail(mail('timeout@example.com')).then(
    () => 'answered',
    () => 'cut',
  );
  await until('the acceptance', async () => (await simulator.ledger()).length === 1);
  await simulator.close();
  expect(await ended).toBe('cut');
});

test('in an outage the connection closes, or answers 421 where a status is set', async () => {
  await simulator.behave({ provider: 'smtp', mode: 'outage' });
  await expect(mailer.sendMail(mail('ada@example.com'))).rejects.not.toHaveProperty('responseCode', 421);
  await simulator.behave({ provider: 'smtp', mode: 'outage', status: 503 });
  await expect(mailer.sendMail(mail('ada@example.com'))).rejects.toMatchObject({ responseCode: 421 });
  expect(await simulator.ledger()).toEqual([]);
  await fetch(`${simulator.httpUrl}/behaviour?provider=smtp`, { method: 'DELETE' });
  await mailer.sendMail(mail('ada@example.com'));
  expect(await simulator.ledger()).toHaveLength(1);
});
