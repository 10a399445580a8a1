import { expect, test } from 'vitest';
import type { KeyRing } from '../notification/envelope.ts';
import { readClickToken, readOpenToken, type Tracking, trackedHtml } from './tracking-link.ts';

const ring: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 1)]]) };
const ATTEMPT = '11111111-2222-8333-8444-555555555555/1';
const BASE = 'https://api.example.test';
const tracking = (over: Partial<Tracking> = {}): Tracking => ({
  baseUrl: BASE,
  ring,
  opens: true,
  clicks: true,
  ...over,
});
const tokens = (html: string, kind: string) =>
  [...html.matchAll(new RegExp(`${BASE}/v1/${kind}/([\\w.-]+)`, 'g'))].map(([, token]) => token!);

test('a tracked link redirects to its original target, entities included', () => {
  const html = trackedHtml(
    '<a class="b" href="https://shop.test/?a=1&amp;b=2">x</a><a href=\'http://two.test\'>y</a>',
    ATTEMPT,
    tracking(),
  );
  expect(tokens(html, 'clicks').map((token) => readClickToken(ring, token))).toEqual([
    {
      attemptId: ATTEMPT,
      url: 'https://shop.test/?a=1&b=2',
      location: 'https://shop.test/?a=1&b=2',
    },
    { attemptId: ATTEMPT, url: 'http://two.test', location: 'http://two.test/' },
  ]);
  expect(html).not.toContain('shop.test');
});

test('a link that does not fit a header stays unchanged and untracked', () => {
  const html = '<a href="https://shop.test/&#1;">x</a>';
  expect(trackedHtml(html, ATTEMPT, tracking({ opens: false }))).toBe(html);
});

test.each([
  ['https://shop.example/ü', 'https://shop.example/%C3%BC'],
  ['https://münchen.example/a b', 'https://xn--mnchen-3ya.example/a%20b'],
  ['https://shop.example/?q=日本#ä', 'https://shop.example/?q=%E6%97%A5%E6%9C%AC#%C3%A4'],
])('a link to %s leads on by a header that is ASCII', (url, location) => {
  const html = trackedHtml(`<a href="${url}">x</a>`, ATTEMPT, tracking());
  expect(readClickToken(ring, tokens(html, 'clicks')[0]!)).toEqual({ attemptId: ATTEMPT, url, location });
});

test('of very many links the first thousand are tracked, the others stay unchanged', () => {
  const html = trackedHtml('<a href="https://shop.test/">x</a>'.repeat(1_001), ATTEMPT, tracking());
  expect(tokens(html, 'clicks')).toHaveLength(1_000);
  expect(html.split('https://shop.test/')).toHaveLength(2);
});

test('other links stay unchanged: mail, phone, anchors, images, style sheets, unsubscribe links', () => {
  const html = `<a href="mailto:a@b.test">m</a><a href="tel:+1">t</a><a href="#top">u</a><img src="https://i.test/x.png"><link href="https://c.test/x.css"><a href="${BASE}/v1/unsubscribe/abc.def">off</a>`;
  expect(trackedHtml(html, ATTEMPT, tracking({ opens: false }))).toBe(html);
});

test('a link too long for a token stays unchanged, so that it still works', () => {
  const link = (length: number) => `<a href="https://long.test/${'x'.repeat(length)}">x</a>`;
  const [long, short] = [link(1_500), link(1_300)];
  expect(trackedHtml(long, ATTEMPT, tracking({ opens: false }))).toBe(long);
  const [token] = tokens(trackedHtml(short, ATTEMPT, tracking({ opens: false })), 'clicks');
  expect(readClickToken(ring, token!)?.url).toBe(`https://long.test/${'x'.repeat(1_300)}`);
});

test('entities by number are read as the browser reads them', () => {
  const html = trackedHtml('<a href="https://t.test/?a=1&#38;b=&#34;&#x27;">x</a>', ATTEMPT, tracking());
  expect(readClickToken(ring, tokens(html, 'clicks')[0]!)?.url).toBe(`https://t.test/?a=1&b="'`);
});

test('the pixel is at the end of the body and identifies the opened attempt', () => {
  const html = trackedHtml('<html><body>Hi</body></html>', ATTEMPT, tracking());
  expect(html).toMatch(/Hi<img [^>]*width="1"[^>]*><\/body>/);
  expect(readOpenToken(ring, tokens(html, 'opens')[0]!)).toEqual({ attemptId: ATTEMPT });
  expect(trackedHtml('Hi', ATTEMPT, tracking())).toMatch(/^Hi<img /);
});

test('with tracking off the HTML is unchanged', () => {
  const html = '<a href="https://shop.test">x</a>';
  expect(trackedHtml(html, ATTEMPT, tracking({ opens: false, clicks: false }))).toBe(html);
});

test('the same attempt gives the same bytes, so that a repeat under its key is identical', () => {
  const html = '<a href="https://shop.test">x</a>';
  expect(trackedHtml(html, ATTEMPT, tracking())).toBe(trackedHtml(html, ATTEMPT, tracking()));
});

test('a forged link never redirects', () => {
  const token = tokens(trackedHtml('<a href="https://shop.test">x</a>', ATTEMPT, tracking()), 'clicks')[0]!;
  const [, mac] = token.split('.');
  const forged = `${Buffer.from(JSON.stringify({ a: ATTEMPT, u: 'https://evil.test' })).toString('base64url')}.${mac}`;
  expect(readClickToken(ring, forged)).toBeNull();
  expect(readOpenToken(ring, token)).toBeNull();
});
