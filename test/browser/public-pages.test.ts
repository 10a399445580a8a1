import { parseKeyRing } from '@carillon/core/notification/envelope';
import { preferencesUrl } from '@carillon/core/recipient/preferences-link';
import { unsubscribeUrl } from '@carillon/core/recipient/unsubscribe-link';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { type TestDatabase, testDatabase } from '../support/database.ts';
import { type ServedApi, servedApi } from '../support/served-api.ts';
import { expectAccessible, expectAccessibleColours } from './accessibility.ts';
import { expectNoSidewaysScroll, picture } from './dashboard.ts';

const KEYS = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const ring = parseKeyRing(KEYS);
if ('problem' in ring) throw new Error(ring.problem);

let database: TestDatabase;
let api: ServedApi;
let browser: Browser;

beforeAll(async () => {
  database = await testDatabase();
  api = await servedApi(database.url, { env: { ENCRYPTION_KEYS: KEYS } });
  browser = await launchChromium();
  const put = (path: string, body: object) => api.request('PUT', path, body);
  const policy = { delivery_policy: 'resolve' };
  await put('/v1/categories/offers', {
    ...policy,
    unsubscribable: true,
    titles: { en: 'Special offers', de: 'Angebote', ar: 'عروض خاصة' },
    descriptions: { en: 'At most two a month.', ar: 'مرتين في الشهر على الأكثر.' },
  });
  await put('/v1/categories/news', { ...policy, unsubscribable: true, titles: { en: 'News', de: 'Neues' } });
  await put('/v1/categories/terms', { ...policy, lock: true, titles: { en: 'Terms of service' } });
  const key = await api.key({ scopes: ['installation'] });
  await api.request(
    'PATCH',
    `/v1/apps/${api.appId}`,
    { brand: { name: 'Shop & Co', color: '#ffe600' } },
    { key },
  );
  for (const [id, locale] of [
    ['ada', 'en'],
    ['noor', 'ar'],
  ])
    await put(`/v1/recipients/${id}`, { email: `${id}@example.test`, phone: '+14155550100', locale });
});
afterAll(async () => {
  await browser?.close();
  await api?.close();
  await database?.drop();
});

const of = (recipientId: string) => ({ appId: api.appId, environment: 'live', recipientId }) as const;
const preferences = (id: string) => preferencesUrl(api.url, ring, of(id));
const unsubscribing = (id: string) => unsubscribeUrl(api.url, ring, { ...of(id), category: 'offers' });

async function visit(
  url: string,
  options: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
  return { page, complaints };
}

test.each<[name: string, url: () => string]>([
  ['unsubscribe', () => unsubscribing('ada')],
  ['preferences', () => preferences('ada')],
  ['preferences-from-right-to-left', () => preferences('noor')],
  ['unsubscribe-sample', () => `${api.url}/v1/unsubscribe/preview`],
])('the page %s is accessible and fits, light and dark, wide and narrow', async (name, url) => {
  const { page, complaints } = await visit(url(), {});
  for (const width of [1280, 390])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      await (colorScheme === 'light' ? expectAccessible : expectAccessibleColours)(page);
      await expectNoSidewaysScroll(page);
      await picture(page, `public-${name}-${colorScheme}-${width}`);
    }
  expect(complaints).toEqual([]);
  await page.context().close();
});

test('a damaged link is an accessible page in the language of the browser', async () => {
  const { page } = await visit(`${preferences('ada')}x`, {
    locale: 'de-AT',
    viewport: { width: 390, height: 800 },
  });
  await page.getByRole('heading', { name: 'Dieser Link funktioniert nicht' }).waitFor();
  await expectAccessible(page);
  await picture(page, 'public-damaged-light-390');
  await page.context().close();
});

test('a recipient chooses and unsubscribes without JavaScript', async () => {
  const { page } = await visit(preferences('ada'), { javaScriptEnabled: false });
  await page.getByLabel('News: E-mail').uncheck();
  await page.getByLabel('News: SMS').uncheck();
  await page.getByLabel('Special offers: SMS').uncheck();
  const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel('Until this day').fill(inAWeek);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').waitFor();
  const stored = async () => (await api.request('GET', '/v1/recipients/ada/preferences')).body;
  expect(await stored()).toMatchObject({
    channels: { email: true, sms: true },
    categories: { news: false, offers: { sms: false } },
    paused_until: `${inAWeek}T00:00:00.000Z`,
  });
  await page.getByLabel('Until this day').fill('');
  await page.getByLabel('SMS', { exact: true }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').waitFor();
  expect(await stored()).toMatchObject({
    channels: { email: true, sms: false },
    categories: { news: false, offers: { sms: false } },
    paused_until: null,
  });

  await page.goto(unsubscribing('ada'));
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await page.getByRole('heading', { name: 'Unsubscribed' }).waitFor();
  expect((await stored()).categories.offers).toBe(false);
  await page.getByRole('link', { name: 'Choose what you want to get' }).click();
  expect(await page.getByLabel('Special offers: E-mail').isChecked()).toBe(false);
  await page.context().close();
});
