import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { readOpenToken } from '@carillon/core/recipient/tracking-link';
import { parseAttemptId } from '@carillon/core/text/ids';
import type { KeptMail } from '@carillon/simulator/mailbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import {
  RESOLVER_KEYS,
  type ResolverUnderTest,
  resolverUnderTest,
} from '../../../../test/support/resolver-under-test.ts';
import { stateOf } from '../../../../test/support/rows.ts';

/** From the request to what a provider received: headers, links and files of e-mails, by every kind of provider. */
const PROVIDERS = ['resend', 'sendgrid', 'postmark', 'ses', 'smtp', 'generic-email'];
const HTML = '<body>Hi <a href="https://shop.test/">shop</a></body>';

let under: ResolverUnderTest;
let api: ApiUnderTest;
let files: Server;
let filesUrl: string;
/** The current answer of the server with the files, and how often it was requested. */
let answer: { status: number; body: string } = { status: 200, body: 'first' };
let asked = 0;
let people = 0;

beforeAll(async () => {
  under = await resolverUnderTest();
  const env = { ENCRYPTION_KEYS: RESOLVER_KEYS, WEBHOOKS_ALLOW_PRIVATE: 'true' };
  api = await apiUnderTest(under.databaseUrl, { env });
  await api.db.sql`
    insert into categories (app_id, environment, name, unsubscribable, track_opens, track_clicks, backoff_seconds)
    values (${api.appId}, 'live', 'news', true, true, true, array[1]), (${api.appId}, 'live', 'plain', false, false, false, null)`;
  files = createServer((_, response) => {
    asked++;
    response.writeHead(answer.status, { 'content-type': 'application/pdf' }).end(answer.body);
  });
  await new Promise<void>((resolve) => files.listen(0, '127.0.0.1', resolve));
  filesUrl = `http://127.0.0.1:${(files.address() as AddressInfo).port}/invoice`;
});
afterAll(async () => {
  await api?.close();
  await under?.close();
  await new Promise((resolve) => files.close(resolve));
});

async function send(body: Record<string, unknown> = {}): Promise<string> {
  const said = { to: { email: `ok+${++people}@example.test` }, channel: 'email', category: 'plain' };
  const content = body.template === undefined ? { content: { subject: 'News', text: 'Hi', html: HTML } } : {};
  const { status, body: answered } = await api.request('POST', '/v1/notifications', {
    ...said,
    ...content,
    ...body,
  });
  expect(answered).toMatchObject({ id: expect.any(String) });
  expect(status).toBe(202);
  return answered.id;
}

async function simulatedMail(id: string): Promise<KeptMail> {
  const response = await fetch(`${under.simulator.httpUrl}/letters?notification_id=${id}`);
  const { data } = (await response.json()) as { data: [KeptMail] };
  expect(data).toHaveLength(1);
  return data[0];
}

async function recipient(): Promise<string> {
  const id = `person-${++people}`;
  const { status } = await api.request('PUT', `/v1/recipients/${id}`, { email: `ok+${people}@example.test` });
  expect(status).toBe(201);
  return id;
}

const pathIn = (text: string | null | undefined, kind: string) =>
  new RegExp(`https://api\\.test(/v1/${kind}/[\\w.-]+)`).exec(text ?? '')?.[1];

describe.each(PROVIDERS)('by %s', (provider) => {
  test('an e-mail of an optional category has an unsubscribe link, and following it stops further e-mails', async () => {
    const person = await recipient();
    const id = await send({ to: { recipient_id: person }, category: 'news' });
    await under.deliver(provider, id);
    const { headers } = await simulatedMail(id);
    expect(headers['list-unsubscribe-post']).toBe('List-Unsubscribe=One-Click');
    // Also for a newsletter: no vacation reply may answer it (RFC 3834).
    expect(headers['auto-submitted']).toBe('auto-generated');
    const path = pathIn(headers['list-unsubscribe'], 'unsubscribe');
    expect(`<https://api.test${path}>`).toBe(headers['list-unsubscribe']);
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' }, key: null };
    expect((await api.request('POST', path!, 'List-Unsubscribe=One-Click', form)).status).toBe(200);
    const next = await send({ to: { recipient_id: person }, category: 'news' });
    await under.deliver(provider, next);
    expect(await stateOf(api.db.sql, next)).toMatchObject({ state: 'skipped' });
    const other = await send({ to: { recipient_id: person }, category: 'plain' });
    await under.deliver(provider, other);
    expect(await stateOf(api.db.sql, other)).toMatchObject({ state: 'sent' });
    expect((await simulatedMail(other)).headers).toMatchObject({ 'auto-submitted': 'auto-generated' });
    expect((await api.db.sql`select 1 from delivery_attempts where notification_id = ${next}`).length).toBe(
      0,
    );
  });

  test('files arrive with their names, types and sizes', async () => {
    answer = { status: 200, body: 'x'.repeat(5_000) };
    const attachments = [
      {
        filename: 'Rechnung "März".pdf',
        content_type: 'application/pdf',
        content: Buffer.from('hello').toString('base64'),
      },
      { filename: 'terms.pdf', url: filesUrl },
    ];
    const id = await send({ attachments });
    await under.deliver(provider, id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'sent' });
    expect((await simulatedMail(id)).attachments).toEqual([
      { filename: 'Rechnung "März".pdf', content_type: 'application/pdf', bytes: 5 },
      { filename: 'terms.pdf', content_type: 'application/pdf', bytes: 5_000 },
    ]);
  });
});

test('a template prints the unsubscribe address where there is one, and nothing otherwise', async () => {
  const text = 'Hi{% if unsubscribe_url %} leave: {{ unsubscribe_url }}{% endif %}';
  const html = `<p>Hi</p>{% if unsubscribe_url %}<a href="{{ unsubscribe_url }}">leave</a>{% endif %}`;
  const channels = { email: { en: { subject: 'News', text, html } } };
  expect((await api.request('PUT', '/v1/templates/news', { channels })).status).toBe(201);
  const leaving = await send({ template: 'news', category: 'news' });
  await under.deliver('resend', leaving);
  const letter = await simulatedMail(leaving);
  expect(pathIn(letter.html, 'unsubscribe')).toBe(pathIn(letter.headers['list-unsubscribe'], 'unsubscribe'));
  const staying = await send({ template: 'news', category: 'plain' });
  await under.deliver('resend', staying);
  expect(await simulatedMail(staying)).toMatchObject({ html: '<p>Hi</p>', headers: {} });
});

test('a preview shows the template with an address in its place', async () => {
  const { body } = await api.request('POST', '/v1/templates/news/preview', { channel: 'email' });
  expect(body.content.text).toMatch(/leave: http.*\/v1\/unsubscribe\/preview$/);
});

test('an opened pixel and a followed link are receipts of the attempt that carried them', async () => {
  const id = await send({ category: 'news' });
  await under.deliver('resend', id);
  const { html } = await simulatedMail(id);
  const [open, click] = [pathIn(html, 'opens')!, pathIn(html, 'clicks')!];
  const ring = parseKeyRing(RESOLVER_KEYS);
  if ('problem' in ring) throw new Error(ring.problem);
  const { attemptId } = readOpenToken(ring, open.split('/').at(-1)!)!;
  expect(parseAttemptId(attemptId)).toMatchObject({ n: 1 });
  expect((await api.app.request(open)).status).toBe(200);
  const followed = await api.app.request(click);
  expect([followed.status, followed.headers.get('location')]).toEqual([302, 'https://shop.test/']);
  const kinds = await api.db.sql`select kind from provider_logs where notification_id = ${id} order by kind`;
  expect(kinds.map(({ kind }) => kind)).toEqual(['clicked', 'opened']);
  expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'delivered' });
});

test('an e-mail of a category without tracking is sent as it was written', async () => {
  const id = await send();
  await under.deliver('resend', id);
  expect(await simulatedMail(id)).toMatchObject({ html: HTML, headers: {}, attachments: [] });
});

describe('a doubtful call with files, counted links and an unsubscribe link', () => {
  const doubtful = async (provider: string) => {
    answer = { status: 200, body: 'as it was' };
    const id = await send({
      to: { email: `drop+${++people}@example.test` },
      category: 'news',
      attachments: [{ filename: 'invoice.pdf', url: filesUrl }],
    });
    await under.deliver(provider, id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'in_doubt' });
    return id;
  };

  // Resend answers the same key with another body with a conflict, and the journal would show the conflict.
  test.each(['resend', 'generic-email'])(
    'is repeated by %s with the files that were sent first, whatever their URL returns now',
    async (provider) => {
      const id = await doubtful(provider);
      const before = asked;
      answer = { status: 200, body: 'as it is now' };
      await under.age(id, 60);
      await under.resolveOnce();
      expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'sent', attempt_count: 1 });
      expect((await under.journal(id)).map(({ reason }) => reason).join()).not.toContain('another body');
      expect(await under.accepted(id)).toHaveLength(1);
      expect(asked).toBe(before);
    },
  );

  test('is kept without its files: they are in their own table', async () => {
    const id = await doubtful('resend');
    const [row] = await api.db.sql`select rendered from delivery_attempts where notification_id = ${id}`;
    expect(row!.rendered).toMatchObject({ subject: 'News', headers: expect.anything() });
    expect(row!.rendered).not.toHaveProperty('attachments');
    const [file] = await api.db
      .sql`select url, content, size_bytes from attachments where notification_id = ${id}`;
    expect(file).toEqual({ url: null, content: Buffer.from('as it was'), size_bytes: 9 });
  });
});

describe('a URL that has no file', () => {
  const withFile = (more: Record<string, unknown> = {}) =>
    send({ attachments: [{ filename: 'invoice.pdf', url: filesUrl }], ...more });

  test('now is fetched again by the schedule, each time a try, and the message is dead when that ends', async () => {
    answer = { status: 503, body: 'later' };
    const id = await withFile({ category: 'news' });
    await under.deliver('resend', id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({
      state: 'retrying',
      tries: 1,
      error_code: 'attachment_unreachable',
    });
    await api.db.sql`update notifications set next_attempt_at = now() where id = ${id}`;
    await under.deliver('resend', id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'dead', tries: 2 });
    expect(await under.accepted(id)).toHaveLength(0);
  });

  test('now but later delays the message and loses nothing', async () => {
    answer = { status: 503, body: 'later' };
    const id = await withFile();
    await under.deliver('resend', id);
    answer = { status: 200, body: 'here' };
    await api.db.sql`update notifications set next_attempt_at = now() where id = ${id}`;
    await under.deliver('resend', id);
    expect((await simulatedMail(id)).attachments).toMatchObject([{ filename: 'invoice.pdf', bytes: 4 }]);
  });

  test('permanently ends the channel at once, with the reason and without the URL', async () => {
    answer = { status: 404, body: 'gone' };
    const id = await withFile();
    await under.deliver('resend', id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({
      state: 'failed',
      error_code: 'attachment_unavailable',
    });
    const { body } = await api.request('GET', `/v1/notifications/${id}`);
    expect(body.error.message).toBe(
      'the attachment "invoice.pdf" cannot be fetched: its address answered 404',
    );
    expect(JSON.stringify(body)).not.toContain(filesUrl);
  });

  test('leaves the next channel of the route its turn', async () => {
    answer = { status: 404, body: 'gone' };
    const to = { email: `ok+${++people}@example.test`, phone: '+15005550006' };
    const id = await withFile({ to, channel: undefined, route: ['email', 'sms'] });
    await under.deliver('resend', id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'pending' });
    await under.deliver('twilio', id);
    expect(await stateOf(api.db.sql, id)).toMatchObject({ state: 'sent' });
  });
});

test('no error occurred', () => {
  expect(under.errors).toEqual([]);
});
