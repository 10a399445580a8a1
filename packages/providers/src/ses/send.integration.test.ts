import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EmailMessage } from '@carillon/core/notification/message';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringServer, answeringServer } from '../../../../test/contract/answering-server.ts';
import { call, EMAIL, SECRET } from '../../../../test/contract/credentials.ts';
import { sesAdapter } from './send.ts';

const MESSAGE = EMAIL as EmailMessage;
const CREDENTIALS = { accessKeyId: 'AKIAACME', secretAccessKey: SECRET };

let server: AnsweringServer;
let adapter: ReturnType<typeof sesAdapter>;
beforeEach(async () => {
  server = await answeringServer();
  server.answers({ status: 200, body: '{"MessageId":"m-1"}' });
  adapter = sesAdapter({
    credentials: CREDENTIALS,
    region: 'eu-west-1',
    from: 'Acmé <a@acme.example>',
    baseUrl: server.url,
  });
});
afterEach(() => Promise.all([server.close(), adapter.close()]));

const sent = () => JSON.parse(server.received.at(-1)!.body.toString());

test('text is UTF-8 and the sender is ASCII, as SES requires', async () => {
  const message: EmailMessage = { ...MESSAGE, subject: 'Grüße', replyTo: 'help@acme.example' };
  delete message.html;
  expect(await adapter.send(message, call())).toEqual({ class: 'accepted', providerMessageId: 'm-1' });
  const { Content, FromEmailAddress, ReplyToAddresses, Destination, ConfigurationSetName } = sent();
  expect(Content.Simple.Subject).toEqual({ Data: 'Grüße', Charset: 'UTF-8' });
  expect(Content.Simple.Body).toEqual({ Text: { Data: MESSAGE.text, Charset: 'UTF-8' } });
  expect({ FromEmailAddress, ReplyToAddresses, Destination, ConfigurationSetName }).toEqual({
    FromEmailAddress: '=?UTF-8?B?QWNtw6k=?= <a@acme.example>',
    ReplyToAddresses: ['help@acme.example'],
    Destination: { ToAddresses: ['ada@example.com'] },
    ConfigurationSetName: undefined,
  });
});

test('the SDK repeats nothing, whatever the failure', async () => {
  for (const answer of [{ status: 500 }, { status: 503 }, { status: 429 }, 'reset', 'cut_off'] as const) {
    const before = server.received.length;
    server.answers(answer);
    await adapter.send(MESSAGE, call());
    expect(server.received.length - before, JSON.stringify(answer)).toBe(1);
  }
});

test('a temporary key sends its session token along', async () => {
  const session = sesAdapter({
    credentials: { ...CREDENTIALS, sessionToken: 'session-1' },
    region: 'us-east-1',
    from: 'a@acme.example',
    baseUrl: server.url,
  });
  expect(await session.send(MESSAGE, call())).toMatchObject({ class: 'accepted' });
  expect(server.received[0]!.headers['x-amz-security-token']).toBe('session-1');
  await session.close();
});

test('a sender that is not an address is not sent', async () => {
  expect(await adapter.send({ ...MESSAGE, from: 'nobody' }, call())).toMatchObject({
    class: 'rejected',
    code: 'invalid_message',
  });
  expect(server.received).toHaveLength(0);
});

test('its probe checks whether sending is enabled', async () => {
  const probed = async (status: number, body: object, type = '') => {
    server.answers({ status, body: JSON.stringify(body), headers: { 'x-amzn-errortype': type } });
    return adapter.probe!(AbortSignal.timeout(5_000));
  };
  expect(await probed(200, { SendingEnabled: true })).toEqual({ healthy: true });
  expect(server.received[0]).toMatchObject({ path: '/v2/email/account' });
  expect(server.received[0]!.headers.authorization).toContain('AWS4-HMAC-SHA256 Credential=AKIAACME/');
  expect(await probed(200, { SendingEnabled: false })).toMatchObject({ healthy: false });
  expect(await probed(200, {})).toMatchObject({ healthy: false });
  expect(await probed(503, {})).toMatchObject({ healthy: false });
  expect(await probed(403, { message: 'x' }, 'InvalidSignatureException')).toEqual({
    healthy: false,
    why: 'SES answered InvalidSignatureException',
  });
  // The key is valid but may only send.
  expect(await probed(403, { message: 'x' }, 'AccessDeniedException')).toEqual({ healthy: true });
  server.answers('hang');
  expect(await adapter.probe!(AbortSignal.timeout(100))).toMatchObject({ healthy: false });
});

test('the AWS SDK is loaded only if an SES account exists', async () => {
  const script = `
    import Module from 'node:module';
    const loaded = () => Object.keys(Module._cache).some((file) => file.includes('client-sesv2'));
    const { buildAccounts } = await import(${JSON.stringify(new URL('../accounts/registry.ts', import.meta.url).href)});
    const make = (account) => buildAccounts([{ id: 'a', environments: ['live'], from: 'a@b.example', ...account }], {});
    await make({ provider: 'resend', credentials: { apiKey: 'k' } });
    const before = loaded();
    const [{ adapter }] = await make({ provider: 'ses', region: 'eu-west-1', credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' } });
    await adapter.probe(AbortSignal.abort());
    console.log(JSON.stringify([before, loaded()]));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  expect(JSON.parse(stdout)).toEqual([false, true]);
});
