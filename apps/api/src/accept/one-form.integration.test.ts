import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiUnderTest, apiUnderTest } from '../../../../test/support/api.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';

let database: TestDatabase;
let api: ApiUnderTest;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiUnderTest(database.url);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const mail = { to: { email: 'a@example.com' }, channel: 'email', content: { subject: 'S', text: 'T' } };
const sms = { to: { phone: '+447911123456' }, channel: 'sms', content: { text: 'T' } };
const push = { channel: 'push', content: { title: 'T', body: 'B' } };

const send = (body: Record<string, unknown>) => api.request('POST', '/v1/notifications', body);
const rowOf = async (id: string) => (await api.db.sql`select * from notifications where id = ${id}`)[0]!;
const refusal = async (body: Record<string, unknown>) => {
  const { status, body: problem } = await send(body);
  return [status, problem.errors?.[0].path, problem.errors?.[0].message];
};

describe('a phone number in another spelling is refused with the correct one, in every request:', () => {
  const problem = [422, expect.stringContaining('give +447911123456')];

  test('a send', async () => {
    expect(await refusal({ ...sms, to: { phone: '+4407911123456' } })).toEqual([422, 'to.phone', problem[1]]);
    expect(await refusal({ ...sms, from: '+4407911123456' })).toEqual([422, 'from', problem[1]]);
  });

  test('a recipient', async () => {
    const { status, body } = await api.request('PUT', '/v1/recipients/p', { phone: '+44 (0)7911 123456' });
    expect([status, body.errors[0].message]).toEqual(problem);
  });

  test('a suppression that is added, looked up or lifted', async () => {
    const address = '+4407911123456';
    for (const [method, path, body] of [
      ['POST', '/v1/suppressions', { channel: 'sms', address }],
      ['DELETE', '/v1/suppressions', { channel: 'sms', address }],
      ['GET', `/v1/suppressions?channel=sms&address=${encodeURIComponent(address)}`, undefined],
    ] as const) {
      const answer = await api.request(method, path, body);
      expect([answer.status, answer.body.errors[0].message]).toEqual(problem);
    }
  });

  test('Italian numbers keep their zero, and fictional test numbers are valid', async () => {
    for (const phone of ['+390612345678', '+15005550006', '+15005550001'])
      expect((await send({ ...sms, to: { phone } })).status).toBe(202);
  });
});

describe('an e-mail address', () => {
  test.each([
    ['"user..name"@docomo.ne.jp', '"user..name"@docomo.ne.jp'],
    ['Ada@EXAMPLE.com', 'Ada@example.com'],
    ['ada@B\u00fccher.example', 'ada@xn--bcher-kva.example'],
  ])('%s is stored as %s, for a send and for a recipient', async (email, one) => {
    const { status, body } = await send({ ...mail, to: { email } });
    expect(status).toBe(202);
    expect((await rowOf(body.id)).address).toEqual({ email: one });
    const recipient = await api.request('PUT', `/v1/recipients/${randomUUID()}`, { email });
    expect(recipient.body.email).toBe(one);
  });

  test('with a name is refused with the address alone as the remedy', async () => {
    expect(await refusal({ ...mail, to: { email: 'Ada <ada@example.com>' } })).toEqual([
      422,
      'to.email',
      expect.stringContaining('alone: ada@example.com'),
    ]);
  });

  test('suppressed in one spelling is suppressed in every other', async () => {
    const add = await api.request('POST', '/v1/suppressions', {
      channel: 'email',
      address: 'Ada@B\u00dcCHER.example',
    });
    expect(add.status).toBe(201);
    const address = encodeURIComponent('"ada"@xn--bcher-kva.example');
    const found = await api.request('GET', `/v1/suppressions?channel=email&address=${address}`);
    expect(found.body.data).toHaveLength(1);
  });

  test('and an event make the same key in any spelling of its domain: nothing is sent twice', async () => {
    const event_id = randomUUID();
    expect((await send({ ...mail, to: { email: 'ada@example.com' }, event_id })).status).toBe(202);
    const again = await send({ ...mail, to: { email: 'ada@EXAMPLE.com' }, event_id });
    expect([again.status, again.body.code]).toEqual([409, 'idempotency_conflict']);
  });
});

describe('a sender', () => {
  test.each(['Acme: Support <s@acme.example>', '24/7: Help; now, please <h@acme.example>'])(
    '%s is one mailbox with a name',
    async (from) => {
      const { status, body } = await send({ ...mail, from, reply_to: from });
      expect(status).toBe(202);
      expect((await rowOf(body.id)).options).toEqual({ from, reply_to: from });
    },
  );

  test.each([
    'A <a@acme.example>, B <b@acme.example>',
    'a@acme.example, B <b@acme.example>',
    'all: a@acme.example;',
    '=?utf-8?q?x=0d=0a?= <a@acme.example>',
  ])('%s is refused, as is such an address for answers', async (text) => {
    for (const field of ['from', 'reply_to'])
      expect((await refusal({ ...mail, [field]: text })).slice(0, 2)).toEqual([422, field]);
  });

  test.each(['AT&T', 'T-Mobile', 'H&M', 'A_b+c', '3 Mobile', 'Acme', '12345', '+15005550006'])(
    'of an SMS may be %s',
    async (from) => {
      expect((await send({ ...sms, from })).status).toBe(202);
    },
  );

  test.each(['&&&', 'Twelve chars', ' Acme', 'Acme ', 'Acm\u00e9', 'A.B', '12', '123456789', '1 2'])(
    'of an SMS may not be %j',
    async (from) => {
      expect((await refusal({ ...sms, from })).slice(0, 2)).toEqual([422, 'from']);
    },
  );
});

describe('a device', () => {
  const key = createECDH('prime256v1').generateKeys();
  const secret = randomBytes(16);
  const endpoint = 'https://push.example.com/send/a';

  test('is stored in the canonical form of its token or keys', async () => {
    const apns = await send({ ...push, to: { push: { apns_token: 'AB'.repeat(32) } } });
    expect((await rowOf(apns.body.id)).address).toEqual({ push: { apns_token: 'ab'.repeat(32) } });
    const keys = { p256dh: key.toString('base64'), auth: secret.toString('base64') };
    const web = await send({ ...push, to: { push: { subscription: { endpoint, keys } } } });
    expect((await rowOf(web.body.id)).address.push.subscription.keys).toEqual({
      p256dh: key.toString('base64url'),
      auth: secret.toString('base64url'),
    });
  });

  test('that no push service accepts is refused, naming the field', async () => {
    const keys = { p256dh: key.toString('base64url'), auth: secret.toString('base64url') };
    for (const [target, path] of [
      [{ apns_token: 'device-1' }, 'apns_token'],
      [{ subscription: { endpoint: 'http://push.example.com/', keys } }, 'subscription.endpoint'],
      [{ subscription: { endpoint, keys: { ...keys, p256dh: 'BPk' } } }, 'subscription.keys.p256dh'],
      [{ subscription: { endpoint, keys: { ...keys, auth: 'x1' } } }, 'subscription.keys.auth'],
    ] as const)
      expect((await refusal({ ...push, to: { push: target } })).slice(0, 2)).toEqual([
        422,
        `to.push.${path}`,
      ]);
  });
});

test.each(['en-US-u-fw-mon-mu-celsius', 'de-x-formal', 'zh-Hant-TW', 'i-klingon'])(
  'the language tag %s is taken',
  async (locale) => {
    const put = await api.request('PUT', '/v1/recipients/tagged', { locale });
    expect([put.status === 422, put.body.locale]).toEqual([false, locale]);
  },
);

test('en_US is refused with en-US as the remedy', async () => {
  const { status, body } = await api.request('PUT', '/v1/recipients/tagged', { locale: 'en_US' });
  expect([status, body.errors[0].message]).toEqual([422, expect.stringContaining('give en-US')]);
});

describe('a time zone', () => {
  const quiet = (time_zone: string) => ({ quiet_hours: { start: '22:00', end: '07:00', time_zone } });

  test.each([
    'BST',
    'IST',
    'ACT',
    'JST',
    'SystemV/EST5EDT',
    'EST5EDT',
    'posix/Europe/Berlin',
    '+01:00',
    'Etc/Unknown',
  ])('%s is refused, for a recipient and for quiet hours', async (zone) => {
    const put = await api.request('PUT', '/v1/recipients/zoned', { time_zone: zone });
    expect([put.status, put.body.errors[0].path]).toEqual([422, 'time_zone']);
    await api.request('PUT', '/v1/recipients/zoned', {});
    const hours = await api.request('PUT', '/v1/recipients/zoned/preferences', quiet(zone));
    expect([hours.status, hours.body.errors[0].path]).toEqual([422, 'quiet_hours.time_zone']);
  });

  test.each([
    ['europe/berlin', 'Europe/Berlin'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['US/Eastern', 'America/New_York'],
    ['utc', 'UTC'],
  ])('%s is kept as %s', async (given, zone) => {
    const put = await api.request('PUT', '/v1/recipients/zoned', { time_zone: given });
    expect(put.body.time_zone).toBe(zone);
    const hours = await api.request('PUT', '/v1/recipients/zoned/preferences', quiet(given));
    expect(hours.body.quiet_hours.time_zone).toBe(zone);
  });
});

describe('a name', () => {
  test.each([
    ' Marketing',
    'Marketing ',
    'Mar\u200bketing',
    'Market\u00a0ing',
    '\u202eMarketing',
    'cafe\u0301',
  ])('%j is refused at every door', async (name) => {
    for (const field of ['category', 'ordering_key', 'event_id'])
      expect((await refusal({ ...mail, [field]: name })).slice(0, 2)).toEqual([422, field]);
    expect((await refusal({ ...mail, content: undefined, template: name })).slice(0, 2)).toEqual([
      422,
      'template',
    ]);
    expect((await refusal({ ...mail, to: { recipient_id: name } })).slice(0, 2)).toEqual([
      422,
      'to.recipient_id',
    ]);
    expect((await refusal({ ...mail, metadata: { [name]: 'x' } }))[0]).toBe(422);
    const path = encodeURIComponent(name);
    const template = { channels: { sms: { en: { text: 'T' } } } };
    for (const [url, body] of [
      [`/v1/recipients/${path}`, {}],
      [`/v1/categories/${path}`, { delivery_policy: 'ask' }],
      [`/v1/templates/${path}`, template],
    ] as const)
      expect((await api.request('PUT', url, body)).status).toBe(422);
    await api.request('PUT', '/v1/recipients/named', {});
    for (const body of [
      { categories: { [name]: false } },
      { caps: [{ category: name, max: 1, window_seconds: 60 }] },
    ])
      expect((await api.request('PUT', '/v1/recipients/named/preferences', body)).status).toBe(422);
  });

  test('of a category is kept in lower case, in sends, settings and preferences', async () => {
    const { body } = await send({ ...mail, category: 'Caf\u00c9' });
    expect((await rowOf(body.id)).category).toBe('caf\u00e9');
    const list = await api.request('GET', `/v1/notifications?category=${encodeURIComponent('CAF\u00c9')}`);
    expect(list.body.data.map(({ id }: { id: string }) => id)).toEqual([body.id]);
    await api.request('PUT', '/v1/recipients/named', {});
    const put = await api.request('PUT', '/v1/recipients/named/preferences', {
      categories: { Marketing: false },
    });
    expect(put.body.categories).toEqual({ marketing: false });
    const twice = await api.request('PUT', '/v1/recipients/named/preferences', {
      categories: { Marketing: false, marketing: true },
    });
    expect([twice.status, twice.body.errors[0].path]).toEqual([422, 'categories']);
  });

  test('of a category whose settings an older release stored in another case is found, replaced and forgotten', async () => {
    await api.db.sql`
      insert into categories (app_id, environment, name, delivery_policy)
      values (${api.appId}, 'live', 'Legacy', 'at_most_once')`;
    const get = async () => (await api.request('GET', '/v1/categories/LEGACY')).body;
    expect(await get()).toMatchObject({ name: 'Legacy', delivery_policy: 'at_most_once' });
    await api.request('PUT', '/v1/categories/Legacy', { delivery_policy: 'ask' });
    expect(await get()).toMatchObject({ name: 'legacy', delivery_policy: 'ask' });
    expect((await api.request('DELETE', '/v1/categories/legacy')).status).toBe(204);
    expect((await api.request('GET', '/v1/categories/legacy')).status).toBe(404);
  });

  test('that an older release accepted can still be looked up and erased', async () => {
    await api.db.sql`insert into recipients (app_id, environment, id) values (${api.appId}, 'live', ' old')`;
    expect((await api.request('GET', '/v1/recipients/%20old')).status).toBe(200);
    expect((await api.request('DELETE', '/v1/recipients/%20old')).status).toBe(204);
  });
});

describe('a time outside the storable range is refused, naming the field,', () => {
  const outside = [
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '9999-12-31T23:59:59-23:59',
    '2016-12-31T23:59:60Z',
  ];

  test.each(outside)('in every request: %s', async (time) => {
    for (const field of ['send_at', 'expires_at'])
      expect((await refusal({ ...mail, [field]: time })).slice(0, 2)).toEqual([422, field]);
    const { body } = await send(mail);
    const id = randomUUID();
    for (const [method, url, sent, path] of [
      ['POST', `/v1/notifications/${body.id}/reschedule`, { send_at: time }, 'send_at'],
      ['GET', `/v1/notifications?created_after=${encodeURIComponent(time)}`, undefined, 'created_after'],
      ['GET', `/v1/notifications?created_before=${encodeURIComponent(time)}`, undefined, 'created_before'],
      ['POST', `/v1/webhook-endpoints/${id}/replay`, { from: time }, 'from'],
      ['POST', `/v1/webhook-endpoints/${id}/replay`, { from: '2026-01-01T00:00:00Z', to: time }, 'to'],
    ] as const) {
      const answer = await api.request(method, url, sent);
      expect([answer.status, answer.body.errors?.[0].path], url).toEqual([422, path]);
    }
  });

  test('also where it follows from two fields', async () => {
    const send_at = '9999-12-31T23:59:59Z';
    expect((await refusal({ ...mail, send_at, ttl_seconds: 60 })).slice(0, 2)).toEqual([422, 'ttl_seconds']);
  });

  test('and the first and the last storable time are accepted, in lower case too', async () => {
    expect((await send({ ...mail, send_at: '9999-12-31t23:59:59.999z' })).status).toBe(202);
    expect((await send({ ...mail, send_at: '0001-01-01T00:00:00Z' })).status).toBe(202);
    for (const time of ['2026-01-01t00:00:00z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
      const list = await api.request('GET', `/v1/notifications?created_after=${time}&created_before=${time}`);
      expect(list.status).toBe(200);
    }
  });
});

describe('inline content without visible characters is refused:', () => {
  test.each([' ', '\n\t', '\u00a0', '\u200b\u2060', '\ufeff'])('%j', async (blank) => {
    for (const content of [
      { subject: blank, text: 'T' },
      { subject: 'S', text: blank },
      { subject: 'S', html: blank },
    ])
      expect((await refusal({ ...mail, content }))[0]).toBe(422);
    expect((await refusal({ ...sms, content: { text: blank } })).slice(0, 2)).toEqual([422, 'content.text']);
    const to = { push: { fcm_token: 'device' } };
    for (const [field, content] of Object.entries({
      title: { title: blank, body: 'B' },
      body: { title: 'T', body: blank },
    }))
      expect((await refusal({ ...push, to, content })).slice(0, 2)).toEqual([422, `content.${field}`]);
  });
});

test('an encoded word in a subject is refused: mail clients would decode it', async () => {
  const content = { subject: '=?utf-8?q?x=0d=0aBcc:_b?=', text: 'T' };
  expect((await refusal({ ...mail, content })).slice(0, 2)).toEqual([422, 'content.subject']);
});

test.each([
  [{ content_type: 'multipart/mixed; boundary=a' }, 'content_type'],
  [{ content_type: 'Message/RFC822' }, 'content_type'],
  [{ content_type: 'text/pl ain' }, 'content_type'],
  [{ content_type: 'pdf' }, 'content_type'],
  [{ filename: '../a.pdf' }, 'filename'],
  [{ filename: 'a\\b.pdf' }, 'filename'],
  [{ filename: 'a\u0000.pdf' }, 'filename'],
  [{ filename: 'a\u202efdp.exe' }, 'filename'],
  [{ filename: '=?utf-8?q?a?=' }, 'filename'],
  [{ filename: ' ' }, 'filename'],
])('an attachment with %j is refused', async (change, field) => {
  const attachment = { filename: 'a.pdf', content_type: 'application/pdf', content: 'YQ==', ...change };
  expect((await refusal({ ...mail, attachments: [attachment] }))[0]).toBe(422);
  expect((await refusal({ ...mail, attachments: [attachment] }))[1]).toMatch(
    new RegExp(`^attachments\\.0(\\.${field})?`),
  );
});

test('an invitation is a file: its method is part of the media type', async () => {
  const invitation = {
    filename: 'invite.ics',
    content_type: 'text/calendar; method=REQUEST',
    content: 'YQ==',
  };
  expect((await send({ ...mail, attachments: [invitation] })).status).toBe(202);
});
