import { scopesIn } from '@carillon/core/access/roles';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { listApps } from '@carillon/db/apps/list-apps';
import { listStaffSessions } from '@carillon/db/staff/read-sessions';
import { viewSession } from '@carillon/services/staff/list';
import { endSession } from '@carillon/services/staff/sessions';
import { Hono } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { peerOf } from '../middleware/peer.ts';
import { type Auth, PEER_HEADER } from './auth.ts';

/** Every path of better-auth that the pages use. Others, for example its own session list with tokens, are not served. */
const SERVED = [
  '/sign-in/email',
  '/sign-in/social',
  '/sign-out',
  '/callback/oidc',
  '/request-password-reset',
  '/reset-password',
  '/change-password',
  '/two-factor/enable',
  '/two-factor/disable',
  '/two-factor/verify-totp',
  '/two-factor/verify-backup-code',
  '/two-factor/generate-backup-codes',
] as const;

/** Signing in and out. Served without a session; better-auth checks the origin of every POST. */
export function authRoutes(deps: Pick<DashboardDeps, 'config'>, auth: () => Auth): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  for (const path of SERVED)
    app.on(['GET', 'POST'], `/auth${path}`, (c) => {
      const headers = new Headers(c.req.raw.headers);
      headers.set(PEER_HEADER, peerOf(c, deps.config.TRUSTED_PROXIES));
      return auth().handler(new Request(c.req.raw, { headers }));
    });
  app.get('/auth/providers', (c) => c.json({ oidc: deps.config.OIDC_DISCOVERY_URL !== undefined }));
  return app;
}

/** Who is signed in, what they may do where, and their sessions. Behind the session. */
export function sessionRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  app.get('/session', async (c) => {
    const { id, email, name, twoFactor, grants, expiresAt } = c.get('staff');
    const apps = await listApps(deps.sql);
    const visible = apps
      .map((each) => ({
        id: each.id,
        name: each.name,
        scopes: Object.fromEntries(
          ENVIRONMENTS.map((environment) => [environment, scopesIn(grants, { appId: each.id, environment })]),
        ),
      }))
      .filter(({ scopes }) => Object.values(scopes).some((held) => held.length > 0));
    return c.json({
      staff: { id, email, name, two_factor: twoFactor, roles: grants.map(({ role }) => role) },
      expires_at: expiresAt.toISOString(),
      apps: visible,
      scopes: scopesIn(grants, null),
    });
  });
  app.get('/session/list', async (c) => {
    const { id, sessionId } = c.get('staff');
    const rows = await listStaffSessions(deps.sql, id);
    return c.json({ data: rows.map((row) => viewSession(row, sessionId)) });
  });
  app.delete('/session/list/:id{[0-9a-f-]{36}}', async (c) => {
    const { id, email } = c.get('staff');
    await endSession(
      { db: deps.sql, actor: `staff:${email}` },
      { staffId: id, sessionId: c.req.param('id') },
    );
    return c.body(null, 204);
  });
  return app;
}
