import { parseKeyRing } from '@carillon/core/notification/envelope';
import { preferencesUrl } from '@carillon/core/recipient/preferences-link';
import { unsubscribeUrl } from '@carillon/core/recipient/unsubscribe-link';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../../test/support/database.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const ring = parseKeyRing(KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url, { env: { ENCRYPTION_KEYS: KEYS } });
  const put = (path: string, body: object) => api.request('PUT', path, body);
  const policy = { delivery_policy: 'resolve' };
  await put('/v1/categories/news', {
    ...policy,
    unsubscribable: true,
    titles: { en: 'Our newsletter', de: 'Unser Rundbrief' },
    descriptions: { en: 'Once a month.' },
  });
  await put('/v1/categories/beta', { ...policy, default: false, titles: { en: 'Beta programme' } });
  await put('/v1/categories/terms', { ...policy, lock: true, titles: { en: 'Terms of service' } });
  await put('/v1/categories/internal', { ...policy, lock: true });
  await put('/v1/categories/orders', policy);
  for (const [id, locale] of [
    ['ada', 'en'],
    ['gi', 'de-AT'],
    ['noor', 'ar'],
    ['ines', 'pt'],
  ])
    await put(`/v1/recipients/${id}`, { email: `${id}@example.test`, phone: '+14155550100', locale });
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});

const of = (recipientId: string) => ({ appId: api.appId, environment: 'live', recipientId }) as const;
const link = (recipientId = 'ada', keys = ring) => preferencesUrl('', keys, of(recipientId));
const unsubscribeLink = (recipientId: string, category = 'news') =>
  unsubscribeUrl('', ring, { ...of(recipientId), category });
const show = async (path: string, headers: Record<string, string> = {}) => {
  const response = await api.app.request(path, { headers: { accept: 'text/html', ...headers } });
  return { status: response.status, headers: response.headers, page: await response.text() };
};
const submit = async (path: string, form: string) => {
  const response = await api.app.request(path, {
    method: 'POST',
    body: form,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  return { status: response.status, page: await response.text() };
};
const isTicked = (page: string, cell: string) => {
  const [channel, category] = cell.split(' ');
  const box = page.match(new RegExp(`name="cell_${channel}" value="${category}"[^>]*>`))?.[0];
  if (box === undefined) throw new Error(`the page has no cell ${cell}`);
  return box.includes('checked');
};
const stored = async (recipientId: string) =>
  (
    await api.db.sql`
      select channels, categories from user_preferences where recipient_id = ${recipientId}`
  )[0];

describe('the preference page', () => {
  test('offers what can be chosen, by title, and says what always comes', async () => {
    const { status, page } = await show(link());
    expect(status).toBe(200);
    expect(page).toContain('Our newsletter');
    expect(page).toContain('Once a month.');
    for (const channel of ['email', 'sms']) {
      expect(isTicked(page, `${channel} news`)).toBe(true);
      expect(isTicked(page, `${channel} beta`)).toBe(false);
    }
    expect(page).toContain('aria-label="Our newsletter: SMS"');
    expect(page).toMatch(/You always get these[\s\S]*cannot be switched off[\s\S]*Terms of service/);
    expect(page).not.toContain('value="terms"');
    expect(page).not.toContain('<script');
    expect(page).not.toContain('internal');
    expect(page).not.toContain('orders');
    expect(page).toMatch(/name="way" value="email" checked/);
    expect(page).toMatch(/name="way" value="sms" checked/);
    expect(page).not.toContain('value="push"');
  });

  test('stores what is chosen and nothing that it does not offer', async () => {
    const saved = await submit(
      link(),
      'choices=1&ways=1&cells=email+sms&cell_email=beta&cell_sms=beta&cell_email=terms&cell_email=orders&cell_push=news&way=email&way=push',
    );
    expect(saved.status).toBe(200);
    expect(saved.page).toContain('role="status"');
    expect(isTicked(saved.page, 'email beta')).toBe(true);
    expect(await stored('ada')).toEqual({
      channels: { email: true, sms: false },
      categories: { news: false, beta: true },
    });
    // A channel that was switched off stays on the page.
    expect((await show(link())).page).toMatch(/name="way" value="sms"\s*>/);
  });

  test('keeps what the app stored about other categories', async () => {
    await api.request('PUT', '/v1/recipients/ada/preferences', { categories: { orders: false } });
    // The form of a page that was open before there were columns.
    await submit(link(), 'choices=1&wanted=news');
    expect(await stored('ada')).toMatchObject({ categories: { orders: false, news: true, beta: false } });
  });

  test('chooses by category and channel, and keeps what was said about channels that it does not offer', async () => {
    await api.request('PUT', '/v1/recipients/ada/preferences', {
      channels: {},
      categories: { news: { in_app: false }, beta: false },
    });
    const { page } = await submit(
      link(),
      'choices=1&ways=1&way=email&way=sms&cells=email+sms&cell_email=news&cell_sms=beta',
    );
    expect((await stored('ada'))?.categories).toEqual({
      news: { in_app: false, sms: false },
      beta: { sms: true, email: false, push: false, in_app: false },
    });
    expect(['email news', 'sms news', 'email beta', 'sms beta'].map((cell) => isTicked(page, cell))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('makes no exception from a channel that is switched off in the same form', async () => {
    await api.request('PUT', '/v1/recipients/ada/preferences', { channels: {}, categories: {} });
    await submit(
      link(),
      'choices=1&ways=1&way=email&cells=email+sms&cell_sms=beta&cell_email=news&cell_sms=news',
    );
    expect(await stored('ada')).toEqual({
      channels: { email: true, sms: false },
      categories: { news: true, beta: { email: false } },
    });
  });

  test('shows one switch for each category to a person whom one channel reaches, or none', async () => {
    await api.request('PUT', '/v1/recipients/solo', { email: 'solo@example.test' });
    const { page } = await show(link('solo'));
    expect(page).not.toContain('<table');
    expect(isTicked(page, 'email news')).toBe(true);
    expect(page).toContain('You always get these');
    await api.request('PUT', '/v1/recipients/solo/preferences', { categories: { news: { sms: false } } });
    await submit(link('solo'), 'choices=1&ways=1&way=email&cells=email&cell_email=news&cell_email=beta');
    // A number that comes later gets no news.
    expect((await stored('solo'))?.categories).toEqual({ news: { sms: false }, beta: true });
    await api.request('PUT', '/v1/recipients/none', {});
    expect((await show(link('none'))).page).toMatch(/value="news" checked/);
  });

  test('pauses until the first moment of a day where the person lives, and releases what a pause held', async () => {
    await api.request('PUT', '/v1/recipients/tove', { email: 'tove@example.test', time_zone: 'Asia/Tokyo' });
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    const until = async () =>
      (await api.request('GET', '/v1/recipients/tove/preferences')).body.paused_until as string | null;
    const form = 'choices=1&cells=email&cell_email=news&ways=1&way=email';

    expect((await show(link('tove'))).page).toMatch(/name="paused_until" value="" max="\d{4}-\d\d-\d\d"/);
    const { page } = await submit(link('tove'), `${form}&paused_was=&paused_until=${inDays(9)}`);
    expect(await until()).toBe(`${inDays(8)}T15:00:00.000Z`);
    expect(page).toContain(`name="paused_until" value="${inDays(9)}"`);

    const other = new Date(Date.now() + 5 * 86_400_000).toISOString();
    await api.request('PUT', '/v1/recipients/tove/preferences', { paused_until: other });
    const shown = /name="paused_was" value="([\d-]+)"/.exec((await show(link('tove'))).page)![1];
    await submit(link('tove'), `${form}&paused_was=${shown}&paused_until=${shown}`);
    await submit(link('tove'), `${form}&paused_was=${shown}&paused_until=soon`);
    await submit(link('tove'), form);
    expect(await until()).toBe(other);

    await submit(link('tove'), `${form}&paused_was=${shown}&paused_until=9999-01-01`);
    expect(Date.parse((await until())!)).toBeLessThan(Date.now() + 367 * 86_400_000);
    await submit(link('tove'), `${form}&paused_was=${shown}&paused_until=${inDays(-9)}`);
    expect(await until()).toBeNull();
  });

  test('changes nothing without its form', async () => {
    const before = await stored('ada');
    await submit(link(), 'List-Unsubscribe=One-Click');
    await show(link());
    expect(await stored('ada')).toEqual(before);
  });

  test('ends with the recipient, and a token of another purpose, key or length leads nowhere', async () => {
    await api.request('PUT', '/v1/recipients/gone', { email: 'gone@example.test' });
    expect((await show(link('gone'))).status).toBe(200);
    await api.request('DELETE', '/v1/recipients/gone');
    const foreign = parseKeyRing(`k1:${Buffer.alloc(32, 9).toString('base64')}`);
    if ('problem' in foreign) throw new Error(foreign.problem);
    const [, token] = unsubscribeLink('ada').split('/v1/unsubscribe/');
    for (const path of [link('gone'), link('ada', foreign), `/v1/preferences/${token}`, `${link()}x`]) {
      expect((await show(path)).status).toBe(404);
      expect((await submit(path, 'choices=1')).status).toBe(404);
    }
  });

  test('is reached by a link that a key with recipients:* makes', async () => {
    const made = await api.request('POST', '/v1/recipients/ada/preferences-link');
    expect(made.status).toBe(200);
    expect((await show(made.body.url.replace('http://api.test', ''))).page).toContain('Our newsletter');
    expect((await api.request('POST', '/v1/recipients/nobody/preferences-link')).status).toBe(404);
    const key = await api.key({ scopes: ['recipients:read'] });
    expect(
      (await api.request('POST', '/v1/recipients/ada/preferences-link', undefined, { key })).status,
    ).toBe(403);
  });
});

describe('the language', () => {
  test('is that of the recipient, with titles in it where there are some', async () => {
    const { page } = await show(unsubscribeLink('gi'), { 'accept-language': 'fr' });
    expect(page).toContain('<html lang="de" dir="ltr">');
    expect(page).toContain('„Unser Rundbrief“ abbestellen?');
    expect(page).toContain('Beta programme');
  });

  test('from right to left says so', async () => {
    expect((await show(link('noor'))).page).toContain('<html lang="ar" dir="rtl">');
  });

  test('is that of the browser where ours has not the one of the recipient, else English', async () => {
    const lang = async (header: string) =>
      /lang="(\w+)"/.exec((await show(link('ines'), { 'accept-language': header })).page)![1];
    expect(await lang('pt-BR, es;q=0.8, en;q=0.9')).toBe('en');
    expect(await lang('pt-BR, es;q=0.8, fr;q=0.7')).toBe('es');
    expect(await lang('xx, *;q=0.1, ;;;q=z')).toBe('en');
  });
});

describe('the look', () => {
  test('is that of the app: name, logo and colour, under a policy that allows nothing else', async () => {
    const key = await api.key({ scopes: ['installation'] });
    const brand = {
      name: 'Shop <b> & Co',
      logo_url: 'https://cdn.shop.test:8443/l.png?v=1;x',
      color: '#FFE600',
    };
    const changed = await api.request('PATCH', `/v1/apps/${api.appId}`, { brand }, { key });
    expect(changed.body.brand).toEqual({ ...brand, color: '#ffe600' });
    const { page, headers } = await show(link());
    expect(page).toContain('alt="Shop &lt;b&gt; &amp; Co"');
    expect(page).toContain('--fill: #ffe600; --on-fill: #000000;');
    expect(page).not.toMatch(/<script|style="|javascript:/);
    const policy = headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain('img-src https://cdn.shop.test:8443;');
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toContain('unsafe');
    const gone = await api.request('PATCH', `/v1/apps/${api.appId}`, { brand: null }, { key });
    expect(gone.body.brand).toBeNull();
    expect((await show(link())).headers.get('content-security-policy')).not.toContain('img-src');
    expect(
      await api.db.sql`select detail from audit_log where action = 'app.change' order by id`,
    ).toMatchObject([{ detail: { brand: { color: '#ffe600' } } }, { detail: { brand: null } }]);
  });

  test.each([
    ['a colour by name', { color: 'red' }, 'brand.color'],
    ['a colour with more in it', { color: '#ffffff;x' }, 'brand.color'],
    ['a logo without TLS', { logo_url: 'http://shop.test/l.png' }, 'brand.logo_url'],
    ['a logo that is a script', { logo_url: 'javascript:alert(1)' }, 'brand.logo_url'],
    ['a logo with a password', { logo_url: 'https://a:b@shop.test/' }, 'brand.logo_url'],
    ['an empty name', { name: ' ' }, 'brand.name'],
    ['an unknown field', { colour: '#ffffff' }, 'brand.colour'],
  ])('of %s is refused', async (_, brand, path) => {
    const key = await api.key({ scopes: ['installation'] });
    const answer = await api.request('PATCH', `/v1/apps/${api.appId}`, { brand }, { key });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
  });
});

describe('unsubscribing', () => {
  test('shows the title, and afterwards the way to all choices', async () => {
    expect((await show(unsubscribeLink('ada'))).page).toContain('Unsubscribe from “Our newsletter”?');
    const done = await submit(unsubscribeLink('ada'), 'List-Unsubscribe=One-Click');
    expect(done.page).toContain('no more messages of the kind “Our newsletter”');
    const manage = /href="\.\.(\/preferences\/[^"]+)"/.exec(done.page)![1];
    expect((await show(`/v1${manage}`)).page).toMatch(/value="news"\s*>/);
  });

  test('from a category that was locked meanwhile is kept, and the page does not claim that it counts', async () => {
    const path = unsubscribeLink('ada', 'terms');
    expect((await show(path)).page).not.toContain('One-Click');
    const answer = await submit(path, 'List-Unsubscribe=One-Click');
    expect(answer.status).toBe(200);
    expect(answer.page).toContain('You always get these');
    expect(answer.page).not.toContain('no more messages');
    expect(await stored('ada')).toMatchObject({ categories: { terms: false } });
  });
});

describe('a damaged link', () => {
  test('is a page for a browser, in its language, and a problem for a program', async () => {
    for (const path of [
      '/v1/unsubscribe/abc.def',
      '/v1/preferences/abc',
      `/v1/unsubscribe/${'x'.repeat(2_001)}`,
    ]) {
      const { status, headers, page } = await show(path, { 'accept-language': 'fr-CH, en;q=0.5' });
      expect([404, 422]).toContain(status);
      expect(headers.get('content-type')).toContain('text/html');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
      expect(page).toContain('Ce lien ne fonctionne pas');
      const program = await api.app.request(path, { headers: { accept: 'application/json' } });
      expect(program.headers.get('content-type')).toBe('application/problem+json');
    }
    const elsewhere = await show('/v1/notifications');
    expect(elsewhere.headers.get('content-type')).toBe('application/problem+json');
  });

  test('of a preview or a test says what it is', async () => {
    for (const path of ['/v1/unsubscribe/preview', '/v1/preferences/preview'])
      expect((await show(path)).page).toContain('The link of a preview or a test');
    expect((await submit('/v1/unsubscribe/preview', 'List-Unsubscribe=One-Click')).status).toBe(404);
  });
});
