import { randomUUID, type webcrypto } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DashboardUnderTest, dashboardUnderTest } from '../../../../test/support/dashboard-app.ts';
import { type TestDatabase, testDatabase } from '../../../../test/support/database.ts';
import { givenStaff } from '../../../../test/support/staff.ts';

const CLIENT = 'carillon';
let database: TestDatabase;
let dashboard: DashboardUnderTest;
let server: Server;
let issuer: string;
/** What the provider says of the person who signs in. */
let claims: Record<string, unknown>;
/** The key that the next id token is signed with. */
let signing: webcrypto.CryptoKey;
let trusted: webcrypto.CryptoKey;

/** An OpenID provider: discovery, keys and the token endpoint, over HTTP on loopback. */
beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  trusted = privateKey;
  const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'RS256', use: 'sig' };
  server = createServer(async (request, response) => {
    const answer = (body: unknown) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(body));
    };
    if (request.url === '/.well-known/openid-configuration')
      return answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        id_token_signing_alg_values_supported: ['RS256'],
      });
    if (request.url === '/jwks') return answer({ keys: [jwk] });
    const idToken = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(CLIENT)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(signing);
    return answer({ access_token: randomUUID(), token_type: 'Bearer', id_token: idToken, expires_in: 300 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  database = await testDatabase();
  dashboard = dashboardUnderTest(database.url, {
    OIDC_DISCOVERY_URL: `${issuer}/.well-known/openid-configuration`,
    OIDC_CLIENT_ID: CLIENT,
    OIDC_CLIENT_SECRET: 'a secret of the client',
  });
});
beforeEach(() => {
  signing = trusted;
});
afterAll(async () => {
  await dashboard.close();
  server.closeAllConnections();
  server.close();
  await database.drop();
});

/** Goes to the provider and comes back, as a browser does. @returns who is signed in; null for nobody. */
async function signInBy(person: Record<string, unknown>): Promise<string | null> {
  const browser = dashboard.browser();
  const { status, body } = await browser.ask('POST', '/auth/sign-in/social', {
    provider: 'oidc',
    callbackURL: '/',
  });
  expect(status).toBe(200);
  const url = new URL(body.url);
  expect(url.origin).toBe(issuer);
  expect(url.searchParams.get('code_challenge_method')).toBe('S256');
  const nonce = url.searchParams.get('nonce');
  claims = { sub: randomUUID(), name: 'Ada', ...(nonce && { nonce }), ...person };
  const state = encodeURIComponent(url.searchParams.get('state')!);
  const back = await browser.ask('GET', `/auth/callback/oidc?code=${randomUUID()}&state=${state}`);
  expect([302, 403]).toContain(back.status);
  const session = await browser.ask('GET', '/session');
  return session.status === 200 ? session.body.staff.email : null;
}
const known = async () => {
  const email = `${randomUUID()}@acme.example`;
  await givenStaff(dashboard.db.sql, { email, role: 'viewer' });
  return email;
};

test('a person with an account signs in by the provider, also the second time', async () => {
  const email = await known();
  const sub = randomUUID();
  expect(await signInBy({ email, email_verified: true, sub })).toBe(email);
  expect(await signInBy({ email, email_verified: true, sub })).toBe(email);
});

test('a person without an account gets none', async () => {
  expect(await signInBy({ email: 'stranger@acme.example', email_verified: true })).toBeNull();
  expect(await dashboard.db.sql`select from staff where email = 'stranger@acme.example'`).toHaveLength(0);
});

test('an address that the provider has not verified opens no account', async () => {
  expect(await signInBy({ email: await known(), email_verified: false })).toBeNull();
});

test('a token of another key opens nothing', async () => {
  signing = (await generateKeyPair('RS256')).privateKey;
  expect(await signInBy({ email: await known(), email_verified: true })).toBeNull();
});

test('a disabled account stays closed', async () => {
  const email = await known();
  await dashboard.db.sql`update staff set disabled_at = now() where email = ${email}`;
  expect(await signInBy({ email, email_verified: true })).toBeNull();
});
