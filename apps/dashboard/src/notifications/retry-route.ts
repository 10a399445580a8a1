import type { State } from '@carillon/core/states';
import { readNotification } from '@carillon/db/queries/dashboard-read-notification';
import { retryNotification } from '@carillon/db/queries/retry-notification';
import type { Hono } from 'hono';
import { isSameToken } from '../auth/form-token.ts';
import { may, rolesWith } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { problemPage } from '../pages/problem.ts';

/** How a notification's id looks; anything else in an address leads nowhere and never reaches PostgreSQL. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const RETRYABLE: readonly State[] = ['dead', 'failed'];

/** Whether the page offers a retry. In doubt is left out: that takes a decision about sending twice, not a click. */
export function isRetryable(notification: { state: State; expiresAt: Date | null }, now: Date): boolean {
  return RETRYABLE.includes(notification.state) && (!notification.expiresAt || notification.expiresAt > now);
}

/** POST /notifications/{id}/retry: the same statement as the API's, with the person as the actor. */
export function registerRetry(app: Hono<DashboardEnv>, { sql, waker }: DashboardDeps): void {
  app.post('/notifications/:id/retry', async (c) => {
    const staff = c.get('staff');
    if (!may(staff.role, 'notification.retry')) {
      const text = `A retry needs the role ${rolesWith('notification.retry')}; yours is ${staff.role}.`;
      return c.html(problemPage('Not allowed', text), 403);
    }
    const form = await c.req.parseBody();
    if (!isSameToken(form['token'], c.get('formToken'))) {
      return c.html(problemPage('This form is out of date', 'Go back, reload the page and try again.'), 403);
    }

    const id = c.req.param('id');
    const notification = UUID.test(id) ? await readNotification(sql, id) : null;
    if (!notification) return c.notFound();
    const tenant = { appId: notification.appId, environment: notification.environment };
    const move = await retryNotification(sql, tenant, id, false, `staff:${staff.email}`);
    if (move.outcome === 'moved') waker.wake(move.moved.priority);
    return c.redirect(`/notifications/${id}?done=${move.outcome === 'moved' ? 'retried' : 'unchanged'}`, 303);
  });
}
