import { expect, test } from 'vitest';
import { RENDER_HERE } from '../template/render/budgeted-render.ts';
import { type AttemptFacts, type ContentFacts, sentContent } from './sent-content.ts';

const ID = '3f0c1c9e-9d2b-8f00-8000-000000000001';
const attempt = (over: Partial<AttemptFacts> = {}): AttemptFacts => ({
  n: 1,
  channel: 'email',
  account: 'mails',
  outcome: 'accepted',
  provider: 'smtp',
  from: 'Acme <hello@acme.example>',
  ...over,
});
const facts = (over: Partial<ContentFacts> = {}): ContentFacts => ({
  id: ID,
  appId: 'app-1',
  environment: 'live',
  channel: 'email',
  route: ['email'],
  priority: 'normal',
  category: 'news',
  recipientId: null,
  address: { email: 'ada@example.com', phone: '+14155550100', push: { fcm_token: 'token-123456' } },
  locale: null,
  data: null,
  content: { subject: 'S', text: 'T', title: 'Ti', body: 'B', url: 'https://a.test' },
  options: null,
  template: null,
  redacted: false,
  settings: { secret: false, unsubscribable: true, trackOpens: true, trackClicks: false },
  personal: { timeZone: null, locale: null },
  attempts: [],
  ...over,
});
const shown = (over: Partial<ContentFacts> = {}, baseUrl: string | null = 'https://api.test') =>
  sentContent(facts(over), RENDER_HERE, baseUrl);
const one = async (over: Partial<ContentFacts> = {}, baseUrl: string | null = 'https://api.test') => {
  const { contents } = await shown(over, baseUrl);
  expect(contents).toHaveLength(1);
  return contents[0]!;
};

test('a secret or redacted message is never shown, one of an erased person is gone', async () => {
  const settings = { ...facts().settings, secret: true };
  for (const over of [{ settings }, { redacted: true }])
    expect(await shown(over)).toMatchObject({ unavailable: { reason: 'secret' }, contents: [] });
  const erased = { address: null, content: null, data: null, recipientId: `erased_${'a'.repeat(32)}` };
  expect((await shown(erased)).unavailable?.reason).toBe('erased');
  expect((await shown({ ...erased, recipientId: 'erased_me' })).unavailable).toBeNull();
  expect((await shown({ ...erased, data: { name: 'Ada' } })).unavailable).toBeNull();
  expect((await shown({ ...erased, content: { text: 'T' } })).unavailable).toBeNull();
  expect((await shown({ ...erased, address: {} })).unavailable).toBeNull();
});

test('before the first call the channel to be tried is shown, then those that were, in the order of the route', async () => {
  const route: ContentFacts['route'] = ['push', 'sms', 'email'];
  const channels = async (over: Partial<ContentFacts>) =>
    (await shown({ route, ...over })).contents.map(({ channel }) => channel);
  expect(await channels({ channel: 'sms' })).toEqual(['sms']);
  const attempts = [attempt(), attempt({ channel: 'push' })];
  expect(await channels({ channel: 'sms', attempts })).toEqual(['push', 'email']);
});

test('the call that was accepted is named, else the last one', async () => {
  const failed = attempt({ n: 1, outcome: 'transient' });
  const accepted = attempt({ n: 2 });
  const later = attempt({ n: 3, outcome: 'transient' });
  expect((await one({ attempts: [failed, accepted, later] })).attempt).toBe(accepted);
  expect((await one({ attempts: [failed, later] })).attempt).toBe(later);
  expect((await one()).attempt).toBeNull();
});

test('an e-mail has its headers; the message id is set here only for SMTP, at the domain of the sender', async () => {
  const { headers, from, to, subject, text, tracking } = await one({
    attempts: [attempt({ n: 2 })],
    options: { reply_to: 'help@acme.example' },
  });
  expect([from, to, subject, text]).toEqual(['Acme <hello@acme.example>', 'ada@example.com', 'S', 'T']);
  expect(headers).toEqual({
    From: 'Acme <hello@acme.example>',
    To: 'ada@example.com',
    'Reply-To': 'help@acme.example',
    Subject: 'S',
    'Message-ID': `<${ID}/2@acme.example>`,
    'Auto-Submitted': 'auto-generated',
    'List-Unsubscribe': '<https://api.test/v1/unsubscribe/masked>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  });
  expect(tracking).toEqual({ opens: true, clicks: false });
  expect((await one({ attempts: [attempt({ provider: 'ses' })] })).headers).not.toHaveProperty('Message-ID');
  expect((await one({ attempts: [attempt({ from: null })] })).headers).not.toHaveProperty('Message-ID');
});

test('only a category that people can unsubscribe from has a link for it, and only where a public address is configured', async () => {
  const leaves = async (over: Partial<ContentFacts>, baseUrl: string | null = 'https://api.test') =>
    'List-Unsubscribe' in (await one(over, baseUrl)).headers!;
  expect(await leaves({})).toBe(true);
  expect(await leaves({ priority: 'critical' })).toBe(false);
  expect(await leaves({ category: null })).toBe(false);
  expect(await leaves({ settings: { ...facts().settings, unsubscribable: false } })).toBe(false);
  expect(await leaves({}, null)).toBe(false);
  expect((await one({}, null)).tracking).toEqual({ opens: false, clicks: false });
});

test('the sender of the request goes before that of the account; a push has none', async () => {
  const options = { from: 'Other <other@acme.example>' };
  expect((await one({ options, attempts: [attempt()] })).from).toBe(options.from);
  const push = { channel: 'push', route: ['push'], attempts: [attempt({ channel: 'push' })] } as const;
  expect((await one({ ...push, route: ['push'], attempts: [...push.attempts], options })).from).toBeNull();
});

test('an SMS is measured, and goes to the number', async () => {
  expect(await one({ channel: 'sms', route: ['sms'] })).toMatchObject({
    to: '+14155550100',
    text: 'T',
    sms: { encoding: 'gsm7', units: 1, segments: 1 },
  });
});

test('of a device only the end of its token is shown, and of a push its options', async () => {
  const push = { channel: 'push' as const, route: ['push' as const] };
  const options = { push: { badge: 1 } };
  expect(await one({ ...push, options })).toMatchObject({
    to: '...123456',
    title: 'Ti',
    body: 'B',
    url: 'https://a.test',
    options: { badge: 1 },
  });
  expect((await one({ ...push, address: { push: { apns_token: 'ab'.repeat(32) } } })).to).toBe('...ababab');
  expect((await one({ channel: 'in_app', route: ['in_app'], options })).options).toBeUndefined();
  expect((await one({ channel: 'in_app', route: ['in_app'] })).to).toBeNull();
});

test('a template is rendered in the locale of the message, with a masked unsubscribe link', async () => {
  const text = (locale: string, words: string) => ({
    channel: 'email' as const,
    locale,
    engine: 2,
    content: { subject: words, text: '{{ name }}: {{ unsubscribe_url }}' },
  });
  const template = { id: 't', version: 1, texts: [text('en', 'Hello'), text('de', 'Hallo')] };
  const made = await one({ content: null, template, locale: 'de', data: { name: 'Ada' } });
  expect(made).toMatchObject({
    locale: 'de',
    subject: 'Hallo',
    text: 'Ada: https://api.test/v1/unsubscribe/masked',
    problem: null,
  });
  const missing = await one({ content: null, template, channel: 'sms', route: ['sms'] });
  expect(missing.problem).toEqual({
    code: 'template_missing',
    message: 'the template has no sms version',
  });
});
