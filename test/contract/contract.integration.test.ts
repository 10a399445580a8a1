import type { Message } from '@carillon/core/notification/message';
import type { ProviderAdapter } from '@carillon/providers/contract';
import { MAX_ANSWER_BYTES } from '@carillon/providers/http/http-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { answeringH2 } from './answering-h2.ts';
import { type Answer, type AnsweringServer, answeringServer, deadPort } from './answering-server.ts';
import { call, MAIL_EXTRAS, SECRET, TEXT } from './credentials.ts';
import { MORE_RIGS } from './more-rigs.ts';
import { HTTP_RIGS, type Rig, startTokenServer } from './rigs.ts';

/**
 * What the pipeline relies on, for every provider that is spoken to by HTTP. SMTP and the inbox have their own files.
 */
const MALFORMED: [string, Answer][] = [
  ['HTML', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><p>Log in to the WiFi' }],
  ['nothing', { status: 200 }],
  ['no content', { status: 204 }],
  ['JSON that breaks off', { status: 200, body: idsOf('"abc"').slice(0, -1) }],
  ['a JSON array', { status: 200, body: '["id"]' }],
  ['JSON null', { status: 200, body: 'null' }],
  ['a number for an id', { status: 200, body: idsOf('7') }],
  ['an empty id', { status: 200, body: idsOf('""') }],
  ['an id with a NUL', { status: 200, body: idsOf('"a\\u0000"') }],
  [
    'an error inside',
    {
      status: 200,
      body: idsOf('"a"', '"error":{"message":"no"}'),
      headers: { location: 'x', 'apns-id': 'x' },
    },
  ],
  ['more than 1 MiB', { status: 200, body: idsOf('"a"', `"x":"${'x'.repeat(MAX_ANSWER_BYTES)}"`) }],
  ['no HTTP', 'gibberish'],
];

/** An object with this for the id of every provider that has it in its body, and one field more. */
function idsOf(value: string, more = '"more":1'): string {
  const ids = ['id', 'sid', 'name', 'MessageId', 'message_id'].map((field) => `"${field}":${value}`);
  return `{${[...ids, more].join(',')}}`;
}

let tokens: AnsweringServer;
beforeAll(async () => {
  tokens = await startTokenServer();
});
afterAll(() => tokens.close());

describe.each([...HTTP_RIGS, ...MORE_RIGS])('$provider', (rig: Rig) => {
  let server: AnsweringServer;
  let adapter: ProviderAdapter;
  beforeEach(async () => {
    server = rig.h2 ? await answeringH2() : await answeringServer({ tls: rig.tls });
    adapter = rig.adapter(server.port);
  });
  afterEach(async () => {
    await Promise.all([server.close(), adapter.close()]);
  });
  const send = (answer: Answer, timeoutMs?: number) => {
    server.answers(answer);
    return adapter.send(rig.message, call(timeoutMs));
  };

  test('accepts with the id of the provider', async () => {
    expect(adapter.provider).toBe(rig.provider);
    expect(adapter.serves(rig.message)).toBe(true);
    expect(await send(rig.accepts)).toEqual({ class: 'accepted', providerMessageId: rig.id });
    expect(server.received).toHaveLength(1);
  });

  test('identifies itself', async () => {
    await send(rig.accepts);
    // HTTP/2 is spoken by a client of its own.
    if (!rig.h2) expect(server.received[0]!.headers['user-agent']).toMatch(/^[\w-]+[/:]\S/);
  });

  test('includes the ids of notification and attempt in the request', async () => {
    await send(rig.accepts);
    expect(rig.planted(server.received[0]!)).toEqual(rig.expectedPlanted);
  });

  test('sends the same bytes when the same attempt is sent again', async () => {
    await send(rig.accepts);
    await send(rig.accepts);
    const [first, second] = server.received;
    // Web Push encrypts with a new key each time: its Topic is what makes a repeat replace the first.
    if (rig.provider === 'web-push') expect(second!.headers.topic).toBe(first!.headers.topic);
    else expect(second!.body.equals(first!.body)).toBe(true);
  });

  test.runIf(rig.extras)('carries the headers and files of an e-mail, the same bytes each time', async () => {
    server.answers(rig.accepts);
    const message = { ...rig.message, ...MAIL_EXTRAS } as Message;
    for (let k = 0; k < 2; k++)
      expect(await adapter.send(message, call())).toMatchObject({ class: 'accepted' });
    const [first, second] = server.received;
    const { headers, attachments } = rig.extras!(first!);
    expect(headers).toEqual(MAIL_EXTRAS.headers);
    // Not every provider takes a type with parameters.
    const bare = ({ contentType }: { contentType: string }) => contentType.replace(/;.*$/, '');
    expect(attachments).toEqual(
      MAIL_EXTRAS.attachments.map((file) => ({
        ...file,
        contentType: rig.provider === 'sendgrid' ? bare(file) : file.contentType,
      })),
    );
    expect(second!.body.equals(first!.body)).toBe(true);
  });

  test('distinguishes its rejections, and sends only once', async () => {
    for (const [answer, outcome, code, about] of rig.refusals) {
      expect(await send(answer), JSON.stringify(answer)).toMatchObject({
        class: outcome,
        code,
        phase: 'answered',
        ...(about === undefined ? {} : { about }),
      });
    }
    expect(server.received).toHaveLength(rig.refusals.length);
  });

  test('waits as long as Retry-After says, in seconds or as a date', async () => {
    const throttled = (header: string) => send({ ...rig.throttles, headers: { 'retry-after': header } });
    expect(await throttled('7')).toMatchObject({
      class: 'throttled',
      retryAfterMs: 7_000,
      phase: 'answered',
    });
    const dated = await throttled(new Date(Date.now() + 90_000).toUTCString());
    expect(dated).toMatchObject({ class: 'throttled', retryAfterMs: expect.any(Number) });
    expect((dated as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(60_000);
    expect(await send(rig.throttles)).toMatchObject({ class: 'throttled' });
    expect(server.received).toHaveLength(3);
  });

  test('an unknown 4xx is left to the next account, an unknown 5xx is a doubt', async () => {
    const refused = await send({ status: 418, body: '{}' });
    expect(refused).toMatchObject({ class: 'rejected', code: 'http_418', othersMayTake: true });
    expect(refused).not.toHaveProperty('about');
    expect(await send({ status: 599, body: '<html>' })).toMatchObject({
      class: 'in_doubt',
      code: 'http_599',
    });
  });

  test.each(MALFORMED)('an answer with %s is a doubt, never an acceptance', async (_, answer) => {
    expect(await send(answer)).toMatchObject({ class: 'in_doubt', code: 'invalid_answer' });
    expect(server.received).toHaveLength(1);
  });

  test('a refused connection is certain: nothing was written', async () => {
    const unreachable = rig.adapter(await deadPort());
    const outcome = await unreachable.send(rig.message, call());
    expect(outcome).toMatchObject({ class: 'transient', code: 'connection_refused', phase: 'started' });
    await unreachable.close();
  });

  test('silence until the deadline is a doubt', async () => {
    const outcome = await send('hang', 200);
    expect(outcome).toMatchObject({ class: 'in_doubt', code: 'timeout', phase: 'written' });
    expect(server.received).toHaveLength(1);
  });

  test('a deadline that is already past sends nothing', async () => {
    server.answers(rig.accepts);
    const outcome = await adapter.send(rig.message, { ...call(), signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ class: 'transient', code: 'timeout', phase: 'started' });
    expect(server.received).toHaveLength(0);
  });

  test('a call with an expired lease is never written', async () => {
    server.answers(rig.accepts);
    const over = { ...call(), mayWrite: () => false };
    const givenUp = { class: 'transient', code: 'lease_over', phase: 'started' };
    expect(await adapter.send(rig.message, over)).toMatchObject(givenUp);
    expect(server.received).toHaveLength(0);
    // Nor over a connection that was kept open.
    expect(await adapter.send(rig.message, call())).toMatchObject({ class: 'accepted' });
    expect(await adapter.send(rig.message, over)).toMatchObject(givenUp);
    expect(server.received).toHaveLength(1);
  });

  test('the lease is checked when the connection is open, not before', async () => {
    let looks = 0;
    const counting = {
      ...call(),
      mayWrite: () => {
        looks++;
        return true;
      },
    };
    const unreachable = rig.adapter(await deadPort());
    await unreachable.send(rig.message, counting);
    await unreachable.close();
    expect(looks).toBe(0);
    expect(await send(rig.accepts)).toMatchObject({ class: 'accepted' });
    await adapter.send(rig.message, counting);
    expect(looks).toBe(1);
  });

  test.each(['reset', 'reset_early', 'cut_off'] as const)(
    'a connection that breaks (%s) once the request is in transit is a doubt',
    async (answer) => {
      expect(await send(answer)).toMatchObject({
        class: 'in_doubt',
        code: 'connection_reset',
        phase: 'written',
      });
      expect(server.received).toHaveLength(1);
    },
  );

  test('a redirect is not followed', async () => {
    const elsewhere = await answeringServer();
    elsewhere.answers(rig.accepts);
    const outcome = await send({ status: 307, headers: { location: elsewhere.url } });
    expect(outcome).toMatchObject({ class: 'misconfigured', code: 'http_307' });
    expect(elsewhere.received).toHaveLength(0);
    await elsewhere.close();
  });

  test('credentials and bodies that a provider repeats do not reach the outcome', async () => {
    for (const status of [200, 400, 401, 429, 500]) {
      server.answers(({ headers, body }) => {
        const words = `${JSON.stringify(headers)} ${body.toString()} ${SECRET}`;
        return {
          status,
          body: JSON.stringify({ name: words, code: words, message: words, error: { code: words } }),
        };
      });
      const outcome = JSON.stringify(await adapter.send(rig.message, call()));
      expect(outcome).not.toContain(SECRET);
      expect(outcome).not.toContain(TEXT);
    }
  });

  test('answers after the deadline change nothing and break nothing', async () => {
    expect(await send('hang', 500)).toMatchObject({ class: 'in_doubt' });
    expect(await send(rig.accepts)).toMatchObject({ class: 'accepted' });
    await until('both requests', () => server.received.length === 2);
  });
});
