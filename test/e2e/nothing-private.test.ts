import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type PlantedSystem, plantedSystem, PLANTED as T } from '../support/planted-system.ts';
import { until } from '../support/until.ts';

/** Starting programs takes seconds, on a busy machine many. */
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

/**
 * Addresses, contents, codes, tokens and secrets of every kind go through the programs as they run in production, with
 * everything failing that can fail and providers that quote in their answers what they were sent. Then all that the
 * programs emit is searched: output, metrics, spans, error reports, Redis, and answers to another customer.
 */
let system: PlantedSystem;
const ids: string[] = [];
const PROGRAMS = ['api', 'worker', 'dashboard'] as const;
const SLOW = { timeoutMs: 90_000 };

beforeAll(async () => {
  system = await plantedSystem();
});
afterAll(() => system?.stop());

async function api(
  method: string,
  where: string,
  body?: unknown,
  { as = system.key, ...headers }: Record<string, string> = {},
) {
  const response = await fetch(`${system.url('api')}${where}`, {
    method,
    headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    text,
    body: (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, string>,
  };
}

async function send(request: object): Promise<string> {
  const answer = await api('POST', '/v1/notifications', request);
  expect(answer.text.slice(0, answer.status === 202 ? 0 : 2_000)).toBe('');
  ids.push(answer.body.id!);
  return answer.body.id!;
}

const content = { subject: T.subject, text: `${T.text} ${T.code}` };
const address = (word: string): string => `${word}+${T.mailbox}`;
const toMailbox = (word: string) => ({ to: { email: address(word) }, channel: 'email', content });
const toPhone = (word: string) => ({
  to: { phone: T.phone },
  channel: 'sms',
  content: { text: `${T.text} ${T.code} ${word}` },
});
const toDevice = (word: string) => ({
  to: { push: { fcm_token: `${T.device}-${word}` } },
  channel: 'push',
  content: { title: T.subject, body: T.text },
});

/** The first line of a program that holds this text. */
function lineWith(name: (typeof PROGRAMS)[number], text: string): object | undefined {
  const line = system
    .output(name)
    .split('\n')
    .find((each) => each.includes(text));
  return line === undefined ? undefined : (JSON.parse(line) as object);
}

/** Waits until each has been tried at least once, and the try has ended. */
const tried = (which: readonly string[]) =>
  until(
    'every notification to be tried',
    async () => {
      const rows = await system.sql`
        select distinct notification_id from delivery_attempts
        where notification_id = any(${which as string[]}::uuid[]) and outcome is not null`;
      return rows.length === which.length;
    },
    SLOW,
  );

async function expectNothingPrivate(): Promise<void> {
  const found = [...(await system.emitted())].flatMap(([where, text]) =>
    system.plants.foundIn(text).map((what) => `${what} in ${where}`),
  );
  expect(found).toEqual([]);
}

/** Changes the schema so that a statement fails, for as long as the work takes. */
async function withSchema<Result>(
  change: string,
  back: string,
  work: () => Promise<Result>,
): Promise<Result> {
  await system.sql.unsafe(change);
  try {
    return await work();
  } finally {
    await system.sql.unsafe(back);
  }
}

test('an error of PostgreSQL whose message quotes addresses and contents, in the API and in the worker', async () => {
  const quoting = (table: string, when: string, what: string): [string, string] => [
    `create function planted() returns trigger language plpgsql as $$ begin
       raise exception 'it says: %', (${what}) using detail = (${what}), hint = (${what}); end $$;
     create trigger planted before insert or update on ${table} for each row when (${when}) execute function planted()`,
    `drop trigger planted on ${table}; drop function planted()`,
  ];
  const refused = await withSchema(
    ...quoting('notifications', "new.priority = 'bulk'", 'new.address::text || new.content::text'),
    () => api('POST', '/v1/notifications', { ...toMailbox('says422'), priority: 'bulk' }),
  );
  expect(refused.status).toBe(500);
  expect(lineWith('api', refused.body.request_id!) ?? lineWith('api', 'P0001')).toMatchObject({
    code: 'P0001',
  });
  const message = '(select address::text || content::text from notifications where id = new.notification_id)';
  await withSchema(...quoting('delivery_attempts', 'new.outcome is not null', message), async () => {
    const sent = await send({ ...toDevice('says422'), priority: 'critical' });
    await until('the worker to log it', () => lineWith('worker', `"notification_id":"${sent}"`), SLOW);
    expect(lineWith('worker', sent)).toMatchObject({ code: 'P0001' });
  });
  await expectNothingPrivate();
});

test('rows that PostgreSQL refuses with their values, in the API and in the worker', async () => {
  // "Failing row contains (...)" is part of these errors.
  const refused = await withSchema(
    "alter table notifications add constraint planted check (priority <> 'bulk') not valid",
    'alter table notifications drop constraint planted',
    () => api('POST', '/v1/notifications', { ...toMailbox('says422'), priority: 'bulk' }),
  );
  expect(refused.status).toBe(500);
  expect(system.output('api')).toContain('"code":"23514"');
  await withSchema(
    'alter table delivery_attempts add constraint planted check (outcome is null) not valid',
    'alter table delivery_attempts drop constraint planted',
    async () => {
      const sent = await send({ ...toDevice('says422'), priority: 'critical' });
      await until('the worker to log it', () => lineWith('worker', `"notification_id":"${sent}"`), SLOW);
      expect(lineWith('worker', sent)).toMatchObject({ code: '23514', table: 'delivery_attempts' });
    },
  );
  await until('the error report', () => system.errors.events.some(({ tags }) => tags?.code === '23514'));
  await expectNothingPrivate();
});

test('providers that refuse, fail, hang or answer nonsense, and quote what they were sent', async () => {
  const quoting = ['resend', 'twilio', 'generic-push'];
  // An open breaker would keep the calls back.
  for (const account of quoting)
    expect((await api('POST', `/v1/breakers/${account}/close`, { reason: 'for this test' })).status).toBe(
      200,
    );
  const words = [
    'says422',
    'says400',
    'says401',
    'says413',
    'says429',
    'says500',
    'says503',
    'garbage',
    'hangs',
    'drops',
  ];
  for (const word of words)
    for (const request of [toMailbox(word), toPhone(word), toDevice(word)]) await send(request);
  const callsWith = (word: string) => system.echo.received.filter((request) => request.includes(word)).length;
  await until(
    'every account to be called with every word',
    () => words.every((word) => callsWith(word) >= quoting.length),
    SLOW,
  );
  await tried(ids);
  const quoted = ['mailbox', 'phone', 'device', 'subject', 'text', 'code', 'providerKey', 'gatewayPath'];
  expect(system.plants.foundIn(system.echo.received.join('\n'))).toEqual(expect.arrayContaining(quoted));
  expect((await system.emitted()).get('Redis')).toMatch(/failedReason.*in_doubt/);
  await expectNothingPrivate();

  for (const account of quoting) await api('POST', `/v1/breakers/${account}/release`, {});
  for (let n = 0; n < 30; n++) await send(toMailbox('says500'));
  await until('a breaker to open', () => lineWith('worker', 'a breaker opened'), SLOW);
  await expectNothingPrivate();
});

test('recipients, templates and their variables, also where rendering is refused', async () => {
  const person = encodeURIComponent(T.recipient);
  const put = await api('PUT', `/v1/recipients/${person}`, {
    email: address('ok'),
    phone: T.phone,
    attributes: { name: T.name },
  });
  expect([200, 201]).toContain(put.status);
  const template = await api('PUT', '/v1/templates/welcome', {
    channels: { email: { en: { subject: `${T.subject} {{ name }}`, text: `${T.text} {{ name }}` } } },
  });
  expect(template.text.slice(0, template.status < 300 ? 0 : 2_000)).toBe('');
  const sent = await send({
    to: { recipient_id: T.recipient },
    channel: 'email',
    template: 'welcome',
    data: { name: T.variable },
  });
  await tried([sent]);
  const missing = await api('POST', '/v1/notifications', {
    to: { recipient_id: T.recipient },
    channel: 'email',
    template: 'welcome',
    data: { other: T.variable },
  });
  expect(missing.status).toBe(422);
  await expectNothingPrivate();
});

test('private texts in wrong places of requests, with and without a key', async () => {
  const anywhere = Object.values(T).slice(0, 14);
  const path_ = encodeURIComponent(T.path);
  const requests = [
    api('GET', `/v1/${path_}/${encodeURIComponent(address('says422'))}?q=${T.query}`),
    api('GET', `/v1/templates/${path_}?${T.query}=${T.query}`),
    api('GET', `/v1/recipients/${encodeURIComponent(address('says422'))}`),
    api('DELETE', `/v1/notifications/${path_}`),
    api('POST', '/v1/notifications', `{"to":{"email":"${address('says422')}"`),
    api('POST', '/v1/notifications', { [T.name]: T.name, channel: T.text, to: T.phone }),
    api('POST', '/v1/notifications', {
      to: { email: T.name },
      channel: 'email',
      content: { subject: T.subject },
    }),
    api('POST', '/v1/notifications', anywhere),
    api('POST', '/v1/notifications', {}, { 'idempotency-key': `x y ${T.name}` }),
    api('POST', '/v1/notifications', {}, { 'content-type': `text/${T.path}` }),
    api('GET', '/v1/categories', undefined, { 'x-request-id': `${T.name} ${T.phone}` }),
    api('GET', `/v1/categories?key=${system.key}`, undefined, { as: T.providerToken }),
    api('PUT', '/v1/provider-accounts/planted', {
      provider: 'resend',
      environments: [T.name],
      from: T.staffMailbox,
      credentials: { api_key: T.providerKey, other: T.sharedSecret },
    }),
    api('POST', '/v1/receipts/resend/resend', JSON.stringify(anywhere), {
      'svix-signature': T.receiptSecret,
    }),
    api('GET', `/v1/unsubscribe/${path_}.${path_}`),
    api('GET', `/v1/clicks/${path_}.${path_}`),
  ];
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  expect(statuses.filter((status) => status >= 500)).toEqual([]);
  expect(statuses.filter((status) => status >= 400).length).toBeGreaterThan(12);
  await expectNothingPrivate();
});

test('events to an endpoint whose path is a secret, and which refuses them with all they say', async () => {
  const endpoint = await api('POST', '/v1/webhook-endpoints', {
    url: `${system.echo.url}/${T.hookPath}?token=${T.query}`,
  });
  expect(endpoint.status).toBe(201);
  system.plants.add('signing secret', endpoint.body.secret!);
  system.plants.add('bare signing secret', endpoint.body.secret!.replace('whsec_', ''));
  const before = system.echo.received.length;
  await send(toMailbox('says422'));
  await until('the endpoint to be called', () =>
    system.echo.received.slice(before).some((request) => request.includes('notification.')),
  );
  await expectNothingPrivate();
});

test('files whose address is a secret, and which cannot be had', async () => {
  const file = {
    filename: `${T.name}.pdf`,
    url: `${system.echo.url}/${T.hookPath}-says404?token=${T.query}`,
  };
  const id = await send({ ...toMailbox('says200'), attachments: [file] });
  await until(
    'the end',
    async () => (await api('GET', `/v1/notifications/${id}`)).body.status === 'failed',
    SLOW,
  );
  expect(system.echo.received.join()).toContain(`/${T.hookPath}-says404`);
  await expectNothingPrivate();
});

test('a defect behind a request: the answer has its id, the log has the route', async () => {
  const broken = await withSchema(
    'alter table templates rename column published_version to renamed',
    'alter table templates rename column renamed to published_version',
    () => api('GET', `/v1/templates/${T.path}`),
  );
  expect(broken.status).toBe(500);
  expect(lineWith('api', broken.body.request_id!)).toMatchObject({
    route: '/v1/templates/:key',
    code: '42703',
    error: 'PostgresError',
  });
  await expectNothingPrivate();
});

test('logins that are refused and that succeed, pages, and a new password', async () => {
  const cookies = new Map<string, string>();
  let appId = '';
  const ask = async (method: string, where: string, body?: unknown) => {
    const response = await fetch(`${system.url('dashboard')}${where}`, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: system.url('dashboard'),
        'carillon-app': appId,
        'carillon-environment': 'live',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
      if (value !== '') system.plants.add(`cookie ${name}`, value);
    }
    return { status: response.status, text: await response.text() };
  };
  const [app] = await system.sql<[{ id: string }]>`select app_id as id from api_keys where name = 'the app'`;
  appId = app.id;
  const login = (password: string) => ask('POST', '/auth/sign-in/email', { email: T.staffMailbox, password });
  expect((await login(T.wrongPassword)).status).toBe(401);
  expect((await login(T.staffPassword)).status).toBe(200);
  const chosen = { currentPassword: T.staffPassword, newPassword: T.newPassword };
  expect((await ask('POST', '/auth/change-password', chosen)).status).toBe(200);
  expect((await ask('POST', '/auth/request-password-reset', { email: T.staffMailbox })).status).toBe(200);
  const { apps } = JSON.parse((await ask('GET', '/session')).text) as { apps: { id: string }[] };
  expect(apps.map(({ id }) => id)).toContain(appId);
  expect(
    (await ask('GET', `/api/v1/notifications?address=${encodeURIComponent(address('says422'))}`)).status,
  ).toBe(200);
  for (const id of ids.slice(0, 3)) await ask('GET', `/api/v1/notifications/${id}/content`);
  expect((await ask('GET', `/api/v1/${encodeURIComponent(T.path)}?${T.query}`)).status).toBe(404);
  // Notifications that wait for it name who holds it.
  expect((await ask('POST', '/api/v1/breakers/twilio/open', { reason: 'for this test' })).status).toBe(200);
  await send(toPhone('says200'));
  const broken = await withSchema(
    'alter table notifications rename column category to renamed',
    'alter table notifications rename column renamed to category',
    () => ask('GET', `/api/v1/notifications?recipient_id=${T.recipient}`),
  );
  expect(broken.status).toBe(500);
  const output = system.output('dashboard');
  expect(output).toContain('"client_ip":"');
  expect(output).toMatch(/"staff_id":"[0-9a-f-]{36}","message":"password chosen"/);
  expect(system.output('api')).toContain('"message":"unexpected error"');
  await expectNothingPrivate();
});

test('PostgreSQL and Redis away, with credentials in their addresses', async () => {
  await system.redis.cut();
  await system.database.cut();
  const during = await api('POST', '/v1/notifications', toMailbox('says422'));
  expect(during.status).toBe(503);
  for (const name of PROGRAMS)
    await until(`${name} to say so`, () => /cannot be used/.test(system.output(name)), SLOW);
  await system.database.restore();
  await system.redis.restore();
  await tried([await send(toMailbox('ok'))]);
  await expectNothingPrivate();
});

test('another customer is answered nothing of it', async () => {
  const as = { as: system.stranger };
  const person = encodeURIComponent(T.recipient);
  const requests = [
    ...ids
      .slice(0, 3)
      .flatMap((id) => [
        api('GET', `/v1/notifications/${id}`, undefined, as),
        api('GET', `/v1/notifications/${id}/content`, undefined, as),
        api('POST', `/v1/notifications/${id}/cancel`, undefined, as),
      ]),
    ...['notifications', 'recipients', 'templates', 'webhook-endpoints', 'suppressions', 'categories'].map(
      (list) => api('GET', `/v1/${list}`, undefined, as),
    ),
    api('GET', `/v1/recipients/${person}`, undefined, as),
    api('GET', '/v1/templates/welcome', undefined, as),
  ];
  const answers = await Promise.all(requests);
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  // The path of a request is quoted in its answer: the caller has just sent it.
  const found = answers
    .flatMap(({ text }) => system.plants.foundIn(text))
    .filter((what) => what !== 'recipient');
  expect(found).toEqual([]);
});

test('every place that was searched had something to find', async () => {
  const all = await system.emitted();
  for (const name of PROGRAMS) {
    const lines = all.get(`the output of ${name}`)!.trim().split('\n');
    expect(lines.length).toBeGreaterThan(3);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ service: name });
  }
  expect(all.get('the output of worker')).toContain('"notification_id"');
  expect(system.collector.spans.length).toBeGreaterThan(50);
  expect(system.errors.events.length).toBeGreaterThan(1);
  expect(all.get('Redis')).toContain(ids[0]);
});

test('the request log has the problems of the requests, and nothing private', async () => {
  const rows = await system.sql<{ row: string; status: number }[]>`
    select status, r::text as row from request_log r`;
  expect(rows.filter(({ status }) => status >= 400).length).toBeGreaterThan(10);
  expect(rows.flatMap(({ row }) => system.plants.foundIn(row).map((what) => `${what} in ${row}`))).toEqual(
    [],
  );
});

test('what is written while the programs end', async () => {
  await system.stopPrograms();
  const last = [
    ...PROGRAMS.map((name) => system.output(name)),
    ...system.errors.raw,
    ...system.collector.raw,
  ];
  expect(system.plants.foundIn(last.join('\n'))).toEqual([]);
  expect(system.output('worker')).toContain('"message":"stopped"');
});
