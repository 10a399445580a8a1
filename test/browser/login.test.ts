import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fillIn, PASSWORD, startDashboard, type TestDashboard } from './dashboard.ts';

let dashboard: TestDashboard;
beforeAll(async () => {
  dashboard = await startDashboard();
});
afterEach(() => dashboard.leave());
afterAll(() => dashboard?.stop());

test('a wrong password and an unknown account get the same answer, and no session', async () => {
  const { page } = await dashboard.visit();
  await page.goto(dashboard.url);
  const answers: (string | null)[] = [];
  for (const email of ['admin@example.com', 'nobody@example.com']) {
    await fillIn(page, email, 'wrong');
    answers.push(await page.getByRole('alert').textContent());
  }
  expect(answers).toEqual(Array(2).fill('E-mail address or password is wrong.'));
  expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['carillon_visitor']);
});

test('the right password leads to the requested page; logging out ends the session permanently', async () => {
  const { page, complaints } = await dashboard.visit();
  await page.goto(`${dashboard.url}/?status=dead`);
  expect(new URL(page.url()).pathname).toBe('/login');
  await fillIn(page, 'Viewer@Example.com', PASSWORD);
  await page.waitForURL(`${dashboard.url}/?status=dead`);
  expect(await page.getByText('viewer@example.com').isVisible()).toBe(true);

  const [session] = await page.context().cookies();
  expect(session).toMatchObject({ name: 'carillon_session', httpOnly: true, sameSite: 'Strict' });
  const stored = await dashboard.db.sql<{ held: boolean }[]>`
    select encode(token_hash, 'escape') like ${`%${session!.value}%`} as held from staff_sessions`;
  expect(stored.map(({ held }) => held)).toEqual([false]);

  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${dashboard.url}/login`);
  const replayed = await fetch(dashboard.url, {
    headers: { cookie: `carillon_session=${session!.value}` },
    redirect: 'manual',
  });
  expect(replayed.status).toBe(303);
  expect(complaints).toEqual([]);
});

test('a session that was idle too long, expired, or whose account was disabled opens nothing', async () => {
  const { sql } = dashboard.db;
  const { page } = await dashboard.logIn('operator');
  const lands = async () => {
    await page.goto(dashboard.url);
    return new URL(page.url()).pathname;
  };
  expect(await lands()).toBe('/');
  await sql`update staff_sessions set last_seen_at = now() - interval '61 minutes'`;
  expect(await lands()).toBe('/login');
  await sql`update staff_sessions set last_seen_at = now(), expires_at = now() - interval '1 second'`;
  expect(await lands()).toBe('/login');
  await sql`update staff_sessions set expires_at = now() + interval '1 hour'`;
  expect(await lands()).toBe('/');
  await sql`update staff set disabled_at = now() where email = 'operator@example.com'`;
  expect(await lands()).toBe('/login');
});

test('a login makes a new token and ends the session that the browser had before', async () => {
  const { page } = await dashboard.logIn('admin');
  const before = await page.context().cookies();
  const visitor = 'v'.repeat(43);
  await page.context().addCookies([{ name: 'carillon_visitor', value: visitor, url: dashboard.url }]);
  await page.goto(`${dashboard.url}/login`);
  await fillIn(page, 'admin@example.com', PASSWORD);
  await page.waitForURL(`${dashboard.url}/`);
  const after = await page.context().cookies();
  const old = before.find(({ name }) => name === 'carillon_session')!.value;
  expect(after.find(({ name }) => name === 'carillon_session')!.value).not.toBe(old);
  const replayed = await fetch(dashboard.url, {
    headers: { cookie: `carillon_session=${old}` },
    redirect: 'manual',
  });
  expect(replayed.headers.get('location')).toBe('/login');
});

test('a login form posted from another origin, or without the token of its page, is refused', async () => {
  const body = new URLSearchParams({ email: 'admin@example.com', password: PASSWORD, next: '/' });
  const post = (headers: Record<string, string>) =>
    fetch(`${dashboard.url}/login`, { method: 'POST', body, headers, redirect: 'manual' });
  expect((await post({ origin: 'https://evil.example' })).status).toBe(403);
  expect((await post({})).status).toBe(403);
  const untokened = await post({ origin: dashboard.url, cookie: `carillon_visitor=${'v'.repeat(43)}` });
  expect(untokened.status).toBe(403);
  expect(untokened.headers.get('set-cookie')).not.toContain('session');
});

test('repeated wrong logins of one account are slowed down, with the time to wait', async () => {
  const { page } = await dashboard.visit();
  await page.goto(`${dashboard.url}/login`);
  for (let i = 0; i < 6; i++) await fillIn(page, 'victim@example.com', `guess ${i}`);
  expect(await page.getByRole('alert').textContent()).toMatch(
    /^Too many tries\. Wait \d+ s, then try again\.$/,
  );
});

test('every page restricts what it may load and forbids framing', async () => {
  const { headers } = await fetch(`${dashboard.url}/login`);
  const policy = headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('script-src');
  expect(headers.get('cache-control')).toBe('no-store');
});

test('health needs no login and SIGTERM ends the process cleanly', async () => {
  expect(await (await fetch(`${dashboard.url}/healthz`)).json()).toEqual({ status: 'ok' });
  const exited = once(dashboard.child, 'exit');
  dashboard.child.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
