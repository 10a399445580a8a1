import { createHash, createHmac } from 'node:crypto';
import { whyGuessable } from '@carillon/core/access/guessable';
import { hashPassword, MAX_PASSWORD_BYTES, verifyPassword } from '@carillon/core/access/password';
import type { KeyRing } from '@carillon/core/notification/envelope';
import type { Log } from '@carillon/core/program/log';
import type { Database } from '@carillon/db/connection/client';
import {
  staff,
  staffCredentials,
  staffLogins,
  staffRateLimits,
  staffTokens,
  staffTwoFactors,
} from '@carillon/db/schema/index';
import { findStaff } from '@carillon/db/staff/read-staff';
import { RESET_HOURS, type sendPasswordLink } from '@carillon/services/staff/link';
import { acceptCode, recordPassword, recordSignIn } from '@carillon/services/staff/sign-in';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { betterAuth } from 'better-auth/minimal';
import { genericOAuth } from 'better-auth/plugins/generic-oauth';
import { twoFactor } from 'better-auth/plugins/two-factor';
import type { DashboardConfig } from '../config.ts';
import type { LoginThrottle } from './login-throttle.ts';

/** The address of the client, which this process sets from the socket and trusted proxies over whatever came in. */
export const PEER_HEADER = 'x-carillon-peer';
const OIDC_PROVIDER = 'oidc';

export interface AuthDeps {
  config: Pick<
    DashboardConfig,
    'NODE_ENV' | 'SESSION_HOURS' | 'OIDC_DISCOVERY_URL' | 'OIDC_CLIENT_ID' | 'OIDC_CLIENT_SECRET'
  > & { ENCRYPTION_KEYS: KeyRing };
  orm: Database['orm'];
  sql: import('postgres').Sql;
  log: Pick<Log, 'info' | 'warn'>;
  throttle: LoginThrottle;
  /** Sends a link by the system's own e-mail channel. */
  sendLink(
    ...args: Parameters<typeof sendPasswordLink> extends [unknown, ...infer Rest] ? Rest : never
  ): Promise<boolean>;
  onLogin(result: 'welcome' | 'refused' | 'throttled'): void;
}

export type Auth = ReturnType<typeof createAuth>;

/**
 * Signs staff in: passwords, second factors, OpenID Connect, links of invitations and resets. better-auth does the
 * protocols; what it leaves open is settled here, one line each.
 *
 * @param baseUrl where browsers reach the dashboard; requests of other origins are refused.
 */
export function createAuth(deps: AuthDeps, baseUrl: string) {
  const { config, orm, sql, throttle } = deps;
  const isSecure = baseUrl.startsWith('https:');
  return betterAuth({
    appName: 'Carillon',
    baseURL: baseUrl,
    basePath: '/auth',
    trustedOrigins: [new URL(baseUrl).origin],
    secrets: secretsOf(config.ENCRYPTION_KEYS),
    telemetry: { enabled: false },
    logger: { disabled: true },
    database: drizzleAdapter(orm as never, {
      provider: 'pg',
      schema: {
        user: staff,
        session: staffLogins,
        account: staffCredentials,
        verification: staffTokens,
        twoFactor: staffTwoFactors,
        rateLimit: staffRateLimits,
      },
    }),
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      maxPasswordLength: MAX_PASSWORD_BYTES,
      password: {
        hash: hashPassword,
        verify: ({ hash, password }) => verifyPassword(password, hash),
      },
      resetPasswordTokenExpiresIn: RESET_HOURS * 3600,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, token }) => {
        const url = `${baseUrl}/choose-password?token=${token}`;
        const expiresAt = new Date(Date.now() + RESET_HOURS * 3_600_000);
        const sent = await deps.sendLink({ email: user.email, name: user.name }, url, expiresAt, 'reset');
        if (!sent) deps.log.warn('a link for a password could not be sent', {});
      },
      onPasswordReset: async ({ user }) => passwordChosen(user),
    },
    // A read of the tables alone shows no link that works and no token of an identity provider.
    verification: { storeIdentifier: 'hashed' },
    account: {
      encryptOAuthTokens: true,
      // Without trusted providers: an account is opened only where the provider says that the address is verified.
      accountLinking: { enabled: true, trustedProviders: [] },
    },
    session: {
      expiresIn: config.SESSION_HOURS * 3600,
      // A login ends after SESSION_HOURS in any case.
      disableSessionRefresh: true,
      cookieCache: { enabled: false },
      freshAge: 0,
    },
    rateLimit: {
      enabled: config.NODE_ENV !== 'test',
      storage: 'database',
      window: 60,
      max: 200,
      customRules: {
        '/sign-in/email': { window: 60, max: 20 },
        '/request-password-reset': { window: 600, max: 5 },
        '/reset-password': { window: 600, max: 10 },
        '/two-factor/*': { window: 60, max: 20 },
      },
    },
    advanced: {
      database: { generateId: 'uuid' },
      ipAddress: { ipAddressHeaders: [PEER_HEADER] },
      cookiePrefix: 'carillon',
      useSecureCookies: isSecure,
      ...(isSecure && {
        cookies: { session_token: { name: '__Host-carillon', attributes: { secure: true, path: '/' } } },
      }),
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const member = await findStaff(sql, session.userId);
            if (member === null || member.disabledAt !== null)
              throw new APIError('FORBIDDEN', { message: 'This account is disabled.' });
          },
        },
      },
    },
    hooks: {
      before: createAuthMiddleware(async (ctx) => {
        const address = ctx.headers?.get(PEER_HEADER) ?? '';
        if (ctx.path === '/sign-in/email') assertNotThrottled(deps, String(ctx.body?.email ?? ''), address);
        if (ctx.path === '/reset-password' || ctx.path === '/change-password')
          assertGoodPassword(String(ctx.body?.newPassword ?? ''));
      }),
      after: createAuthMiddleware(async (ctx) => {
        const address = ctx.headers?.get(PEER_HEADER) ?? '';
        if (ctx.path === '/sign-in/email') {
          const email = String(ctx.body?.email ?? '').toLowerCase();
          if (ctx.context.returned instanceof APIError) {
            throttle.failed(email, address);
            deps.onLogin('refused');
            // For tools that ban addresses.
            deps.log.warn('login refused', { client_ip: address });
          } else throttle.succeeded(email);
        }
        if (
          ctx.path === '/change-password' &&
          ctx.context.session &&
          !(ctx.context.returned instanceof APIError)
        )
          await passwordChosen(ctx.context.session.user);
      }),
    },
    plugins: [
      twoFactor({ issuer: 'Carillon', totpOptions: { digits: 6, period: 30 } }),
      ...(config.OIDC_DISCOVERY_URL === undefined
        ? []
        : [
            genericOAuth({
              config: [
                {
                  providerId: OIDC_PROVIDER,
                  discoveryUrl: config.OIDC_DISCOVERY_URL,
                  clientId: config.OIDC_CLIENT_ID ?? '',
                  clientSecret: config.OIDC_CLIENT_SECRET,
                  scopes: ['openid', 'email', 'profile'],
                  pkce: true,
                  requireIdTokenVerification: true,
                  disableSignUp: true,
                },
              ],
            }),
          ]),
      // Last, after the second factor: a password alone has opened no session then.
      {
        id: 'carillon',
        hooks: { after: [{ matcher: () => true, handler: createAuthMiddleware(afterSignIn) }] },
      },
    ],
  });

  async function passwordChosen(person: { id: string; email: string }): Promise<void> {
    deps.log.info('password chosen', { staff_id: person.id });
    await recordPassword({ db: sql }, person);
  }

  async function afterSignIn(ctx: HookContext): Promise<void> {
    const made = ctx.context.newSession;
    if (!made || !SIGNS_IN.test(ctx.path)) return;
    if (ctx.path === '/two-factor/verify-totp') await refuseUsedCode(ctx.body?.code, made);
    deps.onLogin('welcome');
    await recordSignIn({ db: sql }, made.user);
  }

  /** A code that was accepted once is refused for the rest of its window (RFC 6238, section 5.2). */
  async function refuseUsedCode(given: unknown, made: NewSession): Promise<void> {
    const code = createHash('sha256')
      .update(String(given ?? ''))
      .digest('hex');
    const proof = { staffId: made.user.id, codeHash: code, session: made.session.token };
    if (await acceptCode({ db: sql }, proof)) return;
    throw new APIError('UNAUTHORIZED', { message: 'This code was used before. Wait for the next one.' });
  }
}

interface NewSession {
  session: { token: string };
  user: { id: string; email: string };
}

interface HookContext {
  path: string;
  body?: { code?: unknown };
  context: { newSession: NewSession | null };
}

const SIGNS_IN = /^\/(sign-in|callback|two-factor\/verify)/;

function assertNotThrottled({ throttle, onLogin }: AuthDeps, email: string, address: string): void {
  const wait = throttle.waitMs(email.toLowerCase(), address);
  if (wait === 0) return;
  onLogin('throttled');
  const seconds = Math.ceil(wait / 1000);
  throw new APIError(
    'TOO_MANY_REQUESTS',
    { message: `Too many wrong passwords. Wait ${seconds} s.` },
    { 'Retry-After': String(seconds) },
  );
}

function assertGoodPassword(password: string): void {
  const why = whyGuessable(password);
  if (why !== undefined)
    throw new APIError('BAD_REQUEST', {
      message: `The password ${why}. Take 12 characters or more that are hard to guess.`,
    });
  if (Buffer.byteLength(password) > MAX_PASSWORD_BYTES)
    throw new APIError('BAD_REQUEST', { message: `The password has more than ${MAX_PASSWORD_BYTES} bytes.` });
}

/** One secret for each encryption key, the current one first: what an older one signed or encrypted stays readable. */
function secretsOf({ current, keys }: KeyRing): { version: number; value: string }[] {
  const ids = [current, ...[...keys.keys()].filter((id) => id !== current)];
  return ids.map((id) => ({
    version: versionOf(id),
    value: createHmac('sha256', keys.get(id)!).update('carillon/dashboard-sessions').digest('base64url'),
  }));
}

/** better-auth numbers secrets; ours have names. */
function versionOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) >>> 1;
}
