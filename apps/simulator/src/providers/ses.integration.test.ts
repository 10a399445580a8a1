import { GetAccountCommand, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { attemptId, notificationId } from '@carillon/core/text/ids';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SimulatorUnderTest, simulatorUnderTest } from '../under-test.ts';
import { SIMULATOR_AWS_KEY } from './ses-signature.ts';

const id = notificationId('app', 'test', 'mail');

let simulator: SimulatorUnderTest;
let sdk: SESv2Client;
/** The SDK with its own transport, connected to the simulator. It writes into the credentials that it is given. */
const sdkWith = (credentials = SIMULATOR_AWS_KEY) =>
  new SESv2Client({
    region: 'eu-west-1',
    endpoint: simulator.httpUrl,
    credentials: { ...credentials },
    maxAttempts: 1,
  });
beforeEach(async () => {
  simulator = await simulatorUnderTest();
  sdk = sdkWith();
});
afterEach(async () => {
  sdk.destroy();
  await simulator.end();
});

const mail = (to: string, more: object = {}) =>
  new SendEmailCommand({
    FromEmailAddress: 'Acme <a@acme.example>',
    Destination: { ToAddresses: [to] },
    Content: { Simple: { Subject: { Data: 'Grüße' }, Body: { Text: { Data: 'Hi (é)' } } } },
    EmailTags: [
      { Name: 'notification_id', Value: id },
      { Name: 'attempt', Value: '2' },
    ],
    ...more,
  });

test('the SDK sends with a signature that is checked, and the ledger finds the attempt in the tags', async () => {
  const { MessageId } = await sdk.send(mail('ada@example.com'));
  expect(MessageId).toMatch(/^0100[\w-]+-000000$/);
  expect(await simulator.ledger()).toMatchObject([
    {
      provider: 'ses',
      channel: 'email',
      to: 'ada@example.com',
      subject: 'Grüße',
      notification_id: id,
      attempt_id: attemptId(id, 2),
    },
  ]);
  expect(await sdk.send(new GetAccountCommand({}))).toMatchObject({ SendingEnabled: true });
});

test.each([
  [{ ...SIMULATOR_AWS_KEY, secretAccessKey: 'another' }, 'InvalidSignatureException'],
  [{ ...SIMULATOR_AWS_KEY, accessKeyId: 'AKIAANOTHER' }, 'UnrecognizedClientException'],
])('another key is refused (%#)', async (credentials, name) => {
  await expect(sdkWith(credentials).send(mail('ada@example.com'))).rejects.toMatchObject({ name });
  expect(await simulator.ledger()).toEqual([]);
});

test('a request that was changed after it was signed is refused', async () => {
  const signed: { headers?: Record<string, string>; body?: Uint8Array } = {};
  sdk.middlewareStack.add(
    (next) => (args) => {
      Object.assign(signed, args.request);
      return next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await sdk.send(mail('ada@example.com'));
  const path = `${simulator.httpUrl}/v2/email/outbound-emails`;
  const { 'content-length': _, host, ...headers } = signed.headers!;
  expect(simulator.httpUrl).toContain(host!);
  const { buffer, byteOffset, byteLength } = signed.body!;
  const text = Buffer.from(buffer, byteOffset, byteLength).toString();
  const send = async (body: string) => {
    const answer = await fetch(path, { method: 'POST', headers, body });
    return [answer.status, answer.headers.get('x-amzn-errortype')?.split(':')[0]];
  };
  expect(await send(text.replace('ada@', 'eve@'))).toEqual([403, 'InvalidSignatureException']);
  expect((await send(text))[0]).toBe(200);
  expect(await simulator.ledger()).toHaveLength(2);
});

test('an unsigned request is refused', async () => {
  const answer = await fetch(`${simulator.httpUrl}/v2/email/outbound-emails`, { method: 'POST', body: '{}' });
  expect(answer.status).toBe(403);
  expect(answer.headers.get('x-amzn-errortype')).toContain('MissingAuthenticationToken');
});

test.each([
  { FromEmailAddress: 'Acmé <a@acme.example>' },
  { FromEmailAddress: 'nobody' },
  { Destination: { ToAddresses: ['nobody'] } },
  { Destination: {} },
  { Content: { Simple: { Subject: { Data: 'x' }, Body: {} } } },
  { EmailTags: [{ Name: 'attempt', Value: attemptId(id, 2) }] },
])('what SES would refuse is refused (%#)', async (wrong) => {
  await expect(sdk.send(mail('ada@example.com', wrong))).rejects.toMatchObject({
    name: 'BadRequestException',
  });
  expect(await simulator.ledger()).toEqual([]);
});

test('recipients command, with the errors of SES', async () => {
  const outcome = (to: string) =>
    sdk.send(mail(to)).then(
      () => 'ok',
      (error: Error) => error.name,
    );
  expect(await outcome('bounce@example.com')).toBe('ok');
  expect(await outcome('throttle@example.com')).toBe('TooManyRequestsException');
  expect(await outcome('throttle@example.com')).toBe('TooManyRequestsException');
  expect(await outcome('throttle@example.com')).toBe('ok');
  expect(await outcome('error@example.com')).toBe('InternalFailure');
  expect(await outcome('drop@example.com')).not.toBe('ok');
  expect((await simulator.ledger()).map(({ to }) => to)).toEqual([
    'bounce@example.com',
    'throttle@example.com',
    'drop@example.com',
  ]);
});
