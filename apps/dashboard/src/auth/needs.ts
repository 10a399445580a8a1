import { may, rolesWith, type StaffScope } from '@carillon/core/access/access';
import type { MiddlewareHandler } from 'hono';
import type { DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';

/** Middleware that exposes the scope it checks: a test reads it from every route. */
export type ScopeCheck = MiddlewareHandler<DashboardEnv> & { scope: StaffScope };

/**
 * Requires a role with the scope; others get a 403. Registered before the handler of every page and action.
 *
 * @param action the subject of the refusal's sentence: "A retry".
 */
export function needs(scope: StaffScope, action: string): ScopeCheck {
  const check: MiddlewareHandler<DashboardEnv> = async (c, next) => {
    const { role } = c.get('staff');
    if (may(role, scope)) return next();
    const text = `${action} needs the role ${rolesWith(scope)}; yours is ${role}.`;
    return c.html(problemPage('Not allowed', text), 403);
  };
  return Object.assign(check, { scope });
}

/** The scope of pages that all staff may see; parts of them depend on further scopes. */
export const looks = needs('dashboard.read', 'Looking at this page');
