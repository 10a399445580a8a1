import { countRare } from '@carillon/db/queries/dashboard-count-rare';
import { listNotifications } from '@carillon/db/queries/dashboard-list-notifications';
import { readNotification } from '@carillon/db/queries/dashboard-read-notification';
import { Hono } from 'hono';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { detailPage } from '../pages/detail.ts';
import { listPage } from '../pages/list.ts';
import { problemPage } from '../pages/problem.ts';
import type { Pulse } from '../pages/pulse.ts';
import { createLaneCounts } from '../queues/lane-counts.ts';
import { decodeCursor, encodeCursor } from './list-cursor.ts';
import { readFilter } from './list-filter.ts';
import { isRetryable, registerRetry, UUID } from './retry-route.ts';

const PAGE_SIZE = 50;

const NOTICES = {
  retried: { text: 'Retry accepted: a new cycle of attempts begins.', tone: 'good' },
  unchanged: {
    text: 'Nothing was changed: it is not dead or failed any more, or it has expired.',
    tone: 'bad',
  },
} as const;

/** The list, the page of one notification and its retry. */
export function notificationRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const laneCounts = createLaneCounts(deps.queues);
  const pulseNow = async (): Promise<Pulse> => {
    const [rare, lanes] = await Promise.all([countRare(deps.sql), laneCounts()]);
    return { rare, lanes };
  };

  app.get('/', async (c) => {
    const filter = readFilter(c.req.query());
    const wanted = filter.recipient?.toLowerCase();
    if (wanted && UUID.test(wanted) && (await readNotification(deps.sql, wanted))) {
      return c.redirect(`/notifications/${wanted}`, 303);
    }

    const before = decodeCursor(c.req.query('before'));
    const [pulse, found] = await Promise.all([
      pulseNow(),
      // One more than shown: whether there is an older page.
      listNotifications(deps.sql, { ...filter, before: before ?? undefined }, PAGE_SIZE + 1),
    ]);
    const rows = found.slice(0, PAGE_SIZE);
    const last = rows.at(-1);
    return c.html(
      listPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        pulse,
        rows,
        filter,
        paged: before !== null,
        older:
          last && found.length > PAGE_SIZE
            ? encodeCursor({ createdAt: last.createdAtText, id: last.id })
            : null,
        seesAddresses: may(c.get('staff').role, 'address.read'),
        now: new Date(),
      }),
    );
  });

  app.get('/notifications/:id', async (c) => {
    const id = c.req.param('id');
    const [pulse, notification] = await Promise.all([
      pulseNow(),
      UUID.test(id) ? readNotification(deps.sql, id) : null,
    ]);
    if (!notification) {
      return c.html(
        problemPage('No such notification', 'Its id is mistyped, or it is older than what is kept.'),
        404,
      );
    }
    const { role } = c.get('staff');
    const done = c.req.query('done');
    const now = new Date();
    return c.html(
      detailPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        pulse,
        notification,
        seesAddresses: may(role, 'address.read'),
        mayRetry: may(role, 'notification.retry') && isRetryable(notification, now),
        notice: done === 'retried' || done === 'unchanged' ? NOTICES[done] : null,
        now,
      }),
    );
  });

  registerRetry(app, deps);
  return app;
}
