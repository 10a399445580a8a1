import type { Context } from 'hono';
import type { DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';
import { may, type Permission, rolesWith } from './permissions.ts';

/**
 * For pages that only some roles may see.
 *
 * @param deed begins the sentence of the refusal: "A retry".
 * @returns null if the person's role may, else the refusal.
 */
export function mayOrRefuse(
  c: Context<DashboardEnv>,
  permission: Permission,
  deed: string,
): Response | Promise<Response> | null {
  const { role } = c.get('staff');
  if (may(role, permission)) return null;
  const text = `${deed} needs the role ${rolesWith(permission)}; yours is ${role}.`;
  return c.html(problemPage('Not allowed', text), 403);
}
