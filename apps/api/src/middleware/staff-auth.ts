import { scopesIn } from '@carillon/core/access/roles';
import { isStaffToken, readStaffToken } from '@carillon/core/access/staff-token';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { ENVIRONMENTS, type Environment } from '@carillon/core/notification/environment';
import { ageMs, type DatabaseClock, type Moment, momentNow } from '@carillon/core/program/database-clock';
import { ProblemError } from '@carillon/core/text/problem';
import { findStaffSession, STAFF_IDLE_MINUTES, type StaffMember } from '@carillon/db/staff/sessions';
import type { Context } from 'hono';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import type { ApiEnv, Caller } from '../deps.ts';

/** A revoked session, or a role that was taken away, works at most this much longer. */
const FRESH_MS = 4_000;
const MAX_SESSIONS = 10_000;
/** Requests per second of one person: a page makes a few at once. */
const RATE_PER_SECOND = 200;
/** No app: what a request for every app has in the place of one. No row has it. */
const NO_APP = '00000000-0000-0000-0000-000000000000';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Authenticates the tokens by which the dashboard speaks for people. */
export interface StaffAuth {
  /** @returns null where the header does not hold such a token. @throws ProblemError 400, 401. */
  callerOf(header: string, c: Context<ApiEnv>): Promise<Caller> | null;
}

/** @param clock PostgreSQL's time, by which tokens end. @param now the clock that ages are measured by. */
export function createStaffAuth(
  sql: Sql,
  ring: KeyRing | undefined,
  clock: Pick<DatabaseClock, 'now' | 'observe'>,
  now: () => Moment = momentNow,
): StaffAuth {
  const known = new LRUCache<string, { member: Promise<StaffMember | null>; at: Moment }>({
    max: MAX_SESSIONS,
  });

  const find = (sessionId: string): Promise<StaffMember | null> => {
    const entry = known.get(sessionId);
    if (entry && ageMs(entry.at, now()) <= FRESH_MS) return entry.member;
    const sentAt = performance.now();
    const member = findStaffSession(sql, sessionId, STAFF_IDLE_MINUTES).then((found) => {
      if (found) clock.observe(sentAt, found.now);
      return found;
    });
    known.set(sessionId, { member, at: now() });
    member.catch(() => known.delete(sessionId));
    return member;
  };

  const authenticate = async (token: string, c: Context<ApiEnv>): Promise<Caller> => {
    const read = ring === undefined ? null : readStaffToken(ring, token);
    if (read === null || !UUID.test(read.sessionId)) throw refused('The staff token is not valid.');
    const member = await find(read.sessionId);
    if (member === null) throw refused('The session has ended. Sign in again.');
    if (read.until <= clock.now()) throw refused('The staff token has run out. The dashboard makes another.');
    return staffCaller(member, tenantOf(c));
  };

  return {
    callerOf: (header, c) => {
      const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
      return token !== undefined && isStaffToken(token) ? authenticate(token, c) : null;
    },
  };
}

type StaffTenant = { appId: string; environment: Environment } | null;

function staffCaller(member: StaffMember, tenant: StaffTenant): Caller {
  return {
    keyId: `staff:${member.id}`,
    holder: `Your account ${member.email}`,
    actor: `staff:${member.email}`,
    appId: tenant?.appId ?? NO_APP,
    environment: tenant?.environment ?? 'live',
    scopes: scopesIn(member.grants, tenant),
    ratePerSecond: RATE_PER_SECOND,
    staff: { id: member.id, sessionId: member.sessionId, everyApp: tenant === null },
  };
}

/** @returns null for every app. @throws ProblemError 400 without a tenant, or with one that cannot be. */
function tenantOf(c: Context<ApiEnv>): StaffTenant {
  const app = c.req.header('carillon-app');
  const environment = c.req.header('carillon-environment');
  if (app === '*') return null;
  const known = ENVIRONMENTS.find((each) => each === environment);
  if (app !== undefined && UUID.test(app) && known) return { appId: app.toLowerCase(), environment: known };
  throw new ProblemError(
    'malformed_request',
    `A request of staff names its tenant: Carillon-App is ${shown(app)}, Carillon-Environment is ${shown(environment)}. Send the id of an app (or * where a route serves every app), and live or test.`,
  );
}

const shown = (text: string | undefined): string =>
  text === undefined ? 'missing' : JSON.stringify(text.slice(0, 40));

function refused(detail: string): ProblemError {
  return new ProblemError('unauthenticated', detail, {
    headers: { 'WWW-Authenticate': 'Bearer realm="carillon"' },
  });
}
