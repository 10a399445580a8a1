import { expect, test } from 'vitest';
import { readPreferencesToken } from '../recipient/preferences-link.ts';
import { addressHash } from '../recipient/suppression.ts';
import { readClickToken, readOpenToken } from '../recipient/tracking-link.ts';
import { readUnsubscribeToken } from '../recipient/unsubscribe-link.ts';
import { type Addressed, composeFor } from './compose.ts';
import { emailLinks, type Linked, type LinkedCategory } from './email-links.ts';
import type { KeyRing } from './envelope.ts';
import type { EmailMessage } from './message.ts';

const ring: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 1)]]) };
const BASE = 'https://api.example.test';
const APP = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const ID = '11111111-2222-8333-8444-555555555555';
const HTML = '<body><a href="https://shop.test/">shop</a></body>';

type Row = Linked & Addressed;
const PLAIN: LinkedCategory = { unsubscribable: false, trackOpens: false, trackClicks: false };

const row = (over: Partial<Row> = {}): Row =>
  ({
    id: ID,
    app_id: APP,
    environment: 'live',
    channel: 'email',
    priority: 'normal',
    category: 'news',
    recipient_id: 'ada',
    address: { email: 'Ada@example.test' },
    attempt_count: 2,
    data: { name: 'Ada' },
    ...over,
  }) as Row;

function linksOf(settings: Partial<LinkedCategory>, claimed = row(), baseUrl: string | null = BASE) {
  const compose = composeFor(claimed)!;
  const links = baseUrl === null ? null : { baseUrl, ring };
  const { data, decorate } = emailLinks(claimed, compose, links, () => ({ ...PLAIN, ...settings }));
  return { data, message: decorate(compose({ subject: 'News', text: 'Hi', html: HTML })) as EmailMessage };
}

const leaving = (message: EmailMessage) => {
  const url = /^<(.*)>$/.exec(message.headers?.['List-Unsubscribe'] ?? '')?.[1];
  expect(url?.startsWith(`${BASE}/v1/unsubscribe/`)).toBe(true);
  return readUnsubscribeToken(ring, url!.split('/').at(-1)!);
};

test('an e-mail of a category that people can unsubscribe from carries the headers of RFC 8058, naming the person and the category', () => {
  const { message, data } = linksOf({ unsubscribable: true });
  expect(message.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  expect(leaving(message)).toEqual({ appId: APP, environment: 'live', category: 'news', recipientId: 'ada' });
  expect(`<${data.unsubscribe_url}>`).toBe(message.headers!['List-Unsubscribe']);
  expect(data.name).toBe('Ada');
});

test('a bare address is named by its hash, never in clear text', () => {
  const { message } = linksOf({ unsubscribable: true }, row({ recipient_id: null }));
  const hash = addressHash(APP, 'email', 'ada@example.test').toString('hex');
  expect(leaving(message)).toEqual({ appId: APP, environment: 'live', category: 'news', addressHash: hash });
});

test('a recipient id that does not fit a header is unsubscribed by the address', () => {
  const { message } = linksOf({ unsubscribable: true }, row({ recipient_id: '長'.repeat(255) }));
  expect(message.headers!['List-Unsubscribe']!.length).toBeLessThanOrEqual(870);
  expect(leaving(message)).toMatchObject({ addressHash: expect.any(String) });
});

test.each<[string, Partial<LinkedCategory>, Partial<Row>]>([
  ['the category may not be left', { unsubscribable: false }, {}],
  ['there is no category', { unsubscribable: true }, { category: null }],
  ['the message is owed', { unsubscribable: true }, { priority: 'critical' }],
])('there is no way out where %s', (_, settings, over) => {
  const { message, data } = linksOf(settings, row(over));
  expect(message).not.toHaveProperty('headers');
  expect(data).not.toHaveProperty('unsubscribe_url');
});

test('a value of the request under the variable’s name takes precedence', () => {
  const { data } = linksOf({ unsubscribable: true }, row({ data: { unsubscribe_url: 'https://own.test' } }));
  expect(data.unsubscribe_url).toBe('https://own.test');
});

test('without a public address nothing is added', () => {
  const wishes = { unsubscribable: true, trackOpens: true, trackClicks: true };
  const { message, data } = linksOf(wishes, row(), null);
  expect(data).toEqual({ name: 'Ada' });
  expect(message).toEqual({ ...composeFor(row())!({ subject: 'News', text: 'Hi', html: HTML }) });
});

test('opens and clicks are those of the attempt that is made, each only where wanted', () => {
  const tokensOf = (settings: Partial<LinkedCategory>) => {
    const { html = '' } = linksOf(settings).message;
    const token = (kind: string) => new RegExp(`${BASE}/v1/${kind}/([\\w.-]+)`).exec(html)?.[1];
    return { open: token('opens'), click: token('clicks') };
  };
  const both = tokensOf({ trackOpens: true, trackClicks: true });
  expect(readOpenToken(ring, both.open!)).toEqual({ attemptId: `${ID}/2` });
  expect(readClickToken(ring, both.click!)).toEqual({
    attemptId: `${ID}/2`,
    url: 'https://shop.test/',
    location: 'https://shop.test/',
  });
  expect(tokensOf({ trackOpens: true })).toEqual({ open: both.open, click: undefined });
  expect(tokensOf({ trackClicks: true })).toEqual({ open: undefined, click: both.click });
  expect(linksOf({}).message.html).toBe(HTML);
});

test('the same attempt gives the same message, another attempt another', () => {
  const all = { unsubscribable: true, trackOpens: true, trackClicks: true };
  expect(linksOf(all).message).toEqual(linksOf(all).message);
  expect(linksOf(all, row({ attempt_count: 3 })).message.html).not.toBe(linksOf(all).message.html);
});

test('a slash at the end of the public address does no harm', () => {
  expect(leaving(linksOf({ unsubscribable: true }, row(), `${BASE}/`).message)).toMatchObject({
    recipientId: 'ada',
  });
});

test('a known recipient has a link to their preferences in every category, a bare address has none', () => {
  const { data, message } = linksOf({});
  const token = String(data.preferences_url).split('/v1/preferences/')[1]!;
  expect(readPreferencesToken(ring, token)).toEqual({ appId: APP, environment: 'live', recipientId: 'ada' });
  // It is part of the text alone.
  expect(message.headers?.['List-Unsubscribe']).toBeUndefined();
  expect(structuredClone({ ...data })).toEqual({ name: 'Ada', preferences_url: data.preferences_url });
  expect(linksOf({}, row({ recipient_id: null })).data).toEqual({ name: 'Ada' });
  const own = { preferences_url: 'https://own.test' };
  expect(linksOf({}, row({ data: own })).data).toEqual(own);
});
