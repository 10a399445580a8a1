import { randomUUID, scryptSync } from 'node:crypto';
import type { Database } from '@carillon/db/connection/client';
import { makePasswordLink } from '@carillon/services/staff/link';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type DashboardUnderTest,
  dashboardUnderTest,
  type TestBrowser,
} from '../../../test/support/dashboard-app.ts';
import { type TestDatabase, testDatabase } from '../../../test/support/database.ts';
import { type ServedApi, servedApi } from '../../../test/support/served-api.ts';
import { givenStaff } from '../../../test/support/staff.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { totp } from '../../../test/support/totp.ts';

let database: TestDatabase;
let proxy: TcpProxy;
let api: ServedApi;
let dashboard: DashboardUnderTest;
let db: Database;
const PASSWORD = 'a sentence that nobody guesses';

beforeAll(async () => {
  database = await testDatabase();
  const url = new URL(database.url);
  proxy = await tcpProxy(Number(url.port));
  url.port = String(proxy.port);
  api = await servedApi(database.url);
  dashboard = dashboardUnderTest(url.href, { API_URL: api.url });
  db = dashboard.db;
});
afterAll(async () => {
  await proxy.restore();
  await api.close();
  await dashboard.close();
  await proxy.close();
  await database.drop();
});

const browser = (origin?: string) => dashboard.browser(origin);
const signIn = (b: TestBrowser, email: string, password = PASSWORD) => b.signIn(email, password);
const person = async (role: 'viewer' | 'owner' | 'support' = 'viewer') => {
  const email = `${randomUUID()}@acme.example`;
  return { email, id: await givenStaff(db.sql, { email, password: PASSWORD, role }) };
};

describe('signing in', () => {
  test('gives a session cookie that scripts cannot read, and audits it', async () => {
    const b = browser();
    const { email, id } = await person();
    const { status, headers } = await signIn(b, email.toUpperCase());
    expect(status).toBe(200);
    expect(headers.getSetCookie().join()).toMatch(/HttpOnly.*SameSite=Lax/i);
    expect((await b.ask('GET', '/session')).body.staff.email).toBe(email);
    expect(await db.sql`select action from audit_log where subject = ${`staff:${id}`}`).toEqual([
      { action: 'staff.login' },
    ]);
  });

  test('answers an unknown address like a wrong password, and slows guesses at one account', async () => {
    const { email } = await person();
    const b = browser();
    const [wrong, unknown] = [
      await signIn(b, email, 'wrong'),
      await signIn(b, 'nobody@acme.example', 'wrong'),
    ];
    expect([wrong.status, wrong.body]).toEqual([unknown.status, unknown.body]);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await signIn(b, email, 'wrong')).status);
    expect(statuses).toContain(429);
  });

  test('nobody signs up, and a page of another origin signs nobody in', async () => {
    const body = { email: 'new@acme.example', password: PASSWORD, name: 'N' };
    expect((await browser().ask('POST', '/auth/sign-up/email', body)).status).toBe(404);
    const { email } = await person();
    expect((await signIn(browser('https://elsewhere.example'), email)).status).toBe(403);
  });

  test('a disabled account is refused, and its sessions have ended', async () => {
    const { email, id } = await person();
    await db.sql`update staff set disabled_at = now() where id = ${id}`;
    expect((await signIn(browser(), email)).status).toBeGreaterThanOrEqual(400);
    expect(await db.sql`select from staff_logins where staff_id = ${id}`).toHaveLength(0);
  });

  test('a password of an earlier release still signs in', async () => {
    const { email, id } = await person();
    // "correct horse battery", hashed by scrypt with N=1024, r=1, p=1.
    const salt = Buffer.alloc(16, 7);
    const key = scryptSync('correct horse battery', salt, 32, { N: 1024, r: 1, p: 1 });
    const stored = ['scrypt', 1024, 1, 1, salt.toString('base64url'), key.toString('base64url')].join('$');
    await db.sql`update staff_credentials set password_hash = ${stored} where staff_id = ${id}`;
    expect((await signIn(browser(), email, 'correct horse battery')).status).toBe(200);
  });
});

describe('a second factor', () => {
  async function withFactor() {
    const { email, id } = await person();
    const b = browser();
    await signIn(b, email);
    const { body } = await b.ask('POST', '/auth/two-factor/enable', { password: PASSWORD });
    const secret = new URL(body.totpURI).searchParams.get('secret')!;
    // A code of the step before is in the window too; the current one stays unused.
    const enrolled = await b.ask('POST', '/auth/two-factor/verify-totp', {
      code: totp(secret, Date.now() - 30_000),
    });
    expect(enrolled.status).toBe(200);
    return { email, id, secret, codes: body.backupCodes as string[] };
  }

  test('is asked for after the password, and until then nothing opens', async () => {
    const { email, secret } = await withFactor();
    const b = browser();
    expect((await signIn(b, email)).body).toMatchObject({ twoFactorRedirect: true });
    expect((await b.ask('GET', '/session')).status).toBe(401);
    expect((await b.ask('POST', '/auth/two-factor/verify-totp', { code: '000000' })).status).toBe(401);
    expect((await b.ask('POST', '/auth/two-factor/verify-totp', { code: totp(secret) })).status).toBe(200);
    expect((await b.ask('GET', '/session')).body.staff).toMatchObject({ email, two_factor: true });
  });

  test('accepts each code once (RFC 6238, 5.2)', async () => {
    const { email, secret } = await withFactor();
    const code = totp(secret);
    const [one, two] = [browser(), browser()];
    await signIn(one, email);
    await signIn(two, email);
    expect((await one.ask('POST', '/auth/two-factor/verify-totp', { code })).status).toBe(200);
    expect((await two.ask('POST', '/auth/two-factor/verify-totp', { code })).status).toBe(401);
    expect((await two.ask('GET', '/session')).status).toBe(401);
  });

  test('has recovery codes, each for one use', async () => {
    const { email, codes } = await withFactor();
    const use = async () => {
      const b = browser();
      await signIn(b, email);
      return (await b.ask('POST', '/auth/two-factor/verify-backup-code', { code: codes[0] })).status;
    };
    expect(await use()).toBe(200);
    expect(await use()).toBeGreaterThanOrEqual(400);
  });

  test('stands in the database encrypted', async () => {
    const { id, secret, codes } = await withFactor();
    const rows = await db.sql`select secret, recovery_codes from staff_two_factors where staff_id = ${id}`;
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(codes[0]);
  });
});

describe('a link for a password', () => {
  const choose = (token: string, newPassword: string) =>
    browser().ask('POST', '/auth/reset-password', { token, newPassword });

  test('of an invitation works once, refuses a guessable password, and opens the account', async () => {
    const email = `${randomUUID()}@acme.example`;
    const id = await givenStaff(db.sql, { email });
    const { token } = await db.sql.begin((tx) => makePasswordLink(tx, id, 72));
    expect((await choose(token, 'password1234')).body.message).toMatch(/^The password is made of words/);
    expect((await choose(token, PASSWORD)).status).toBe(200);
    expect((await choose(token, `${PASSWORD} again`)).status).toBe(400);
    expect((await signIn(browser(), email)).status).toBe(200);
  });

  test('is sent to a person who asks, answers the same for an unknown address, and ends every session', async () => {
    const { email } = await person();
    const b = browser();
    await signIn(b, email);
    const ask = (address: string) =>
      browser().ask('POST', '/auth/request-password-reset', { email: address });
    const [known, unknown] = [await ask(email), await ask('nobody@acme.example')];
    expect([known.status, known.body]).toEqual([unknown.status, unknown.body]);
    const token = dashboard.links.at(-1)!.split('token=')[1]!;
    const stored = await db.sql`select identifier from staff_tokens`;
    expect(JSON.stringify(stored)).not.toContain(token);
    expect((await choose(token, 'quite another sentence')).status).toBe(200);
    expect((await b.ask('GET', '/session')).status).toBe(401);
    expect((await signIn(browser(), email, 'quite another sentence')).status).toBe(200);
  });
});

describe('/api', () => {
  test('is the API for the person of the session, without the cookie', async () => {
    const b = browser();
    const { email } = await person('support');
    expect((await b.ask('GET', '/api/v1/notifications')).status).toBe(401);
    await signIn(b, email);
    const { body: session } = await b.ask('GET', '/session');
    const tenant = { 'carillon-app': session.apps[0].id, 'carillon-environment': 'live' };
    const { status, body } = await b.ask('GET', '/api/v1/notifications', undefined, tenant);
    expect([status, body.data]).toEqual([200, []]);
    const refused = await b.ask('POST', '/api/v1/templates', {}, tenant);
    expect([403, 404, 405]).toContain(refused.status);
    const forged = await b.ask('GET', '/api/v1/staff', undefined, {
      ...tenant,
      authorization: 'Bearer cst_x',
    });
    expect(forged.status).toBe(403);
  });

  test('a session that its owner ended opens nothing, from the next request on', async () => {
    const b = browser();
    const { email } = await person();
    await signIn(b, email);
    const { body } = await b.ask('GET', '/session/list');
    expect((await b.ask('DELETE', `/session/list/${body.data[0].id}`)).status).toBe(204);
    expect((await b.ask('GET', '/api/v1/notifications')).status).toBe(401);
  });
});

test('the pages have a policy without inline scripts, and a nonce of their own each time', async () => {
  const b = browser();
  const policies = [await b.ask('GET', '/'), await b.ask('GET', '/notifications')].map(
    ({ headers }) => headers.get('content-security-policy')!,
  );
  for (const policy of policies) expect(policy).toMatch(/script-src 'self';.*'nonce-[0-9a-f]{32}'/);
  expect(policies[0]).not.toBe(policies[1]);
});

test('HTML of somebody comes back for a frame of its own origin without scripts, and to nobody else', async () => {
  const form = new URLSearchParams({ html: '<p style="color: red">Hello</p><script>alert(1)</script>' });
  const b = browser();
  expect((await b.ask('POST', '/message-frame', form)).status).toBe(401);
  await signIn(b, (await person('support')).email);
  const foreign = await b.ask('POST', '/message-frame', form, { origin: 'https://elsewhere.example' });
  expect(foreign.status).toBe(403);
  const { status, headers, body } = await b.ask('POST', '/message-frame', form);
  expect([status, body]).toEqual([200, expect.stringContaining('<p style="color: red">Hello</p>')]);
  const policy = headers.get('content-security-policy');
  expect(policy).toMatch(/^sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;/);
  expect(policy).not.toMatch(/allow-|script-src/);
  expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
});

test('while PostgreSQL is silent a request is a 503 with Retry-After', async () => {
  const b = browser();
  const { email } = await person('owner');
  await signIn(b, email);
  proxy.freeze();
  const paths = ['/session', '/api/v1/notifications', '/queues/api/queues'];
  const answers = await Promise.all(paths.map((path) => b.ask('GET', path)));
  expect(answers.map(({ status }) => status)).toEqual([503, 503, 503]);
  for (const { headers } of answers) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await b.ask('GET', '/')).status).toBe(200);
});
