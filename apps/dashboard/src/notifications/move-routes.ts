import { readNotification } from '@carillon/db/notifications/dashboard-read-notification';
import { cancelNotification } from '@carillon/services/notifications/cancel';
import { rescheduleNotification } from '@carillon/services/notifications/reschedule';
import type { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { staffContext } from '../staff-context.ts';
import { answerMove, UUID } from './settle-routes.ts';

/** Manual actions on a notification that is not being sent yet: POST /notifications/{id}/cancel and .../reschedule. */
export function registerMove(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const find = async (id: string) => (UUID.test(id) ? readNotification(deps.sql, id) : null);

  app.post(
    '/notifications/:id/cancel',
    needs('notification.move', 'Cancelling a notification'),
    async (c) => {
      const form = await checkedForm(c);
      if (!form.ok) return form.answer;
      const tenant = await find(c.req.param('id'));
      if (!tenant) return c.notFound();
      const { id } = tenant;
      return answerMove(c, id, async () => {
        const { changed } = await cancelNotification(staffContext(c, deps), { tenant, id });
        return changed ? 'cancelled' : 'unchanged';
      });
    },
  );

  app.post(
    '/notifications/:id/reschedule',
    needs('notification.move', 'Rescheduling a notification'),
    async (c) => {
      const form = await checkedForm(c);
      if (!form.ok) return form.answer;
      const tenant = await find(c.req.param('id'));
      if (!tenant) return c.notFound();
      const { id } = tenant;
      const sendAt = utcTime(form.field('send_at', 30));
      return answerMove(c, id, async () => {
        if (sendAt === null) return 'untimely';
        await rescheduleNotification(staffContext(c, deps), { tenant, id, sendAt });
        return 'rescheduled';
      });
    },
  );
}

/** In the format of a browser's date and time field, without a zone; the label says UTC. */
function utcTime(text: string | undefined): Date | null {
  const match = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.exec(text ?? '');
  const time = match ? new Date(`${match[0]}Z`) : null;
  return time === null || Number.isNaN(time.getTime()) ? null : time;
}
