import { may } from '@carillon/core/access/access';
import { providerOfAccount } from '@carillon/db/attempts/attempt-account';
import { listNotifications } from '@carillon/db/notifications/dashboard-list-notifications';
import { readNotification } from '@carillon/db/notifications/dashboard-read-notification';
import { Hono } from 'hono';
import { looks } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { MESSAGE_POLICY } from '../middleware/security-headers.ts';
import { detailPage } from '../pages/detail.ts';
import { listPage } from '../pages/list.ts';
import { problemPage } from '../pages/problem.ts';
import type { Pulse } from '../pages/pulse.ts';
import { registerDoubts } from './doubts-route.ts';
import { guaranteeOf } from './guarantee-of.ts';
import { decodeCursor, encodeCursor } from './list-cursor.ts';
import { asked, readFilter } from './list-filter.ts';
import { registerMove } from './move-routes.ts';
import { readContent } from './read-content.ts';
import { isDoubtful, resolutions } from './resolutions.ts';
import { NOTICES, registerSettle, UUID } from './settle-routes.ts';

const PAGE_SIZE = 50;

/** The list, the doubts, the page of one notification and its manual actions. */
export function notificationRoutes(deps: DashboardDeps, pulseNow: () => Promise<Pulse>): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();

  app.get('/', looks, async (c) => {
    const filter = readFilter(c.req.query());
    const wanted = filter.recipient?.toLowerCase();
    if (wanted && UUID.test(wanted) && (await readNotification(deps.sql, wanted))) {
      return c.redirect(`/notifications/${wanted}`, 303);
    }

    const before = decodeCursor(c.req.query('before'));
    const [pulse, { rows, next }] = await Promise.all([
      pulseNow(),
      listNotifications(deps.sql, { ...asked(filter), before: before ?? undefined }, PAGE_SIZE),
    ]);
    return c.html(
      listPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        pulse,
        rows,
        filter,
        paged: before !== null,
        older: next && encodeCursor(next),
        seesAddresses: may(c.get('staff').role, 'address.read'),
        now: new Date(),
      }),
    );
  });

  app.get('/notifications/:id', looks, async (c) => {
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
    const ways = resolutions(notification, now);
    const provider =
      notification.provider !== null && isDoubtful(notification)
        ? await providerOfAccount(deps.sql, notification.provider)
        : null;
    const reads = may(role, 'content.read');
    const shows = reads && c.req.query('show') === 'content';
    const content = shows ? await readContent(c, deps, notification.id) : null;
    if (content) c.header('Content-Security-Policy', MESSAGE_POLICY);
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
          cancel: ways.cancel && may(role, 'notification.move'),
          reschedule: ways.reschedule && may(role, 'notification.move'),
        },
        content,
        readsContent: reads,
        guarantee: provider === null ? null : guaranteeOf(provider),
        notice: Object.hasOwn(NOTICES, done) ? NOTICES[done as keyof typeof NOTICES] : null,
        now,
      }),
    );
  });

  registerDoubts(app, deps, pulseNow);
  registerSettle(app, deps);
  registerMove(app, deps);
  return app;
}
