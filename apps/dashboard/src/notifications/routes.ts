import { listNotifications } from '@carillon/db/queries/dashboard-list-notifications';
import { readNotification } from '@carillon/db/queries/dashboard-read-notification';
import { providerOfAccount } from '@carillon/db/queries/provider-of-account';
import { Hono } from 'hono';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { detailPage } from '../pages/detail.ts';
import { listPage } from '../pages/list.ts';
import { problemPage } from '../pages/problem.ts';
import type { Pulse } from '../pages/pulse.ts';
import { registerDoubts } from './doubts-route.ts';
import { guaranteeOf } from './guarantee-of.ts';
import { decodeCursor, encodeCursor } from './list-cursor.ts';
import { readFilter } from './list-filter.ts';
import { NOTICES, registerSettle, UUID } from './settle-routes.ts';
import { isDoubtful, waysOut } from './ways-out.ts';

const PAGE_SIZE = 50;

/** The list, the doubts, the page of one notification and what a person can do there. */
export function notificationRoutes(deps: DashboardDeps, pulseNow: () => Promise<Pulse>): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

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
    const done = c.req.query('done') ?? '';
    const now = new Date();
    const ways = waysOut(notification, now);
    const provider =
      notification.provider !== null && isDoubtful(notification)
        ? await providerOfAccount(deps.sql, notification.provider)
        : null;
    return c.html(
      detailPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        pulse,
        notification,
        seesAddresses: may(role, 'address.read'),
        ways: {
          retry: ways.retry && may(role, 'notification.retry'),
          sendAgain: ways.sendAgain && may(role, 'doubt.settle'),
          markSent: ways.markSent && may(role, 'doubt.settle'),
        },
        guarantee: provider === null ? null : guaranteeOf(provider),
        notice: Object.hasOwn(NOTICES, done) ? NOTICES[done as keyof typeof NOTICES] : null,
        now,
      }),
    );
  });

  registerDoubts(app, deps, pulseNow);
  registerSettle(app, deps);
  return app;
}
