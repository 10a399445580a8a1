import { may } from '@carillon/core/access/access';
import { listEndpoints, listEventDeliveries, readEndpoint } from '@carillon/db/webhooks/endpoints';
import { changeWebhookEndpoint } from '@carillon/services/webhooks/change';
import { replayEvents } from '@carillon/services/webhooks/replay';
import { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { looks, needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { UUID } from '../notifications/settle-routes.ts';
import type { Notice } from '../pages/problem.ts';
import { webhookPage } from '../pages/webhook.ts';
import { webhooksPage } from '../pages/webhooks.ts';
import { staffContext } from '../staff-context.ts';

/** The most endpoints that the page lists; an app has 50 at most. */
const SHOWN = 500;
const DELIVERIES_SHOWN = 50;

/** The replay ranges offered here; the API takes any range. */
export const REPLAYS = {
  hour: { words: 'the last hour', ms: 3_600_000 },
  day: { words: 'the last day', ms: 86_400_000 },
} as const;

/** The endpoints of customers: their deliveries, and two manual actions. */
export function webhookRoutes(deps: DashboardDeps): Hono<DashboardEnv> {
  const { sql, log } = deps;
  const app = new Hono<DashboardEnv>();
  const find = async (id: string) => (UUID.test(id) ? readEndpoint(sql, id) : null);

  app.get('/webhooks', looks, async (c) => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    const wholeUrls = may(frame.staff.role, 'webhook.work');
    const rows = await listEndpoints(sql, SHOWN);
    return c.html(webhooksPage({ frame, rows, wholeUrls, now: new Date() }));
  });

  app.get('/webhooks/:id', looks, async (c) => {
    const endpoint = await find(c.req.param('id'));
    if (!endpoint) return c.notFound();
    const deliveries = await listEventDeliveries(sql, endpoint.id, undefined, null, DELIVERIES_SHOWN + 1);
    return c.html(
      webhookPage({
        frame: { staff: c.get('staff'), formToken: c.get('formToken') },
        endpoint,
        deliveries: deliveries.slice(0, DELIVERIES_SHOWN),
        more: deliveries.length > DELIVERIES_SHOWN,
        mayWork: may(c.get('staff').role, 'webhook.work'),
        notice: noticeOf(c.req.query()),
        now: new Date(),
      }),
    );
  });

  app.post('/webhooks/:id/enable', needs('webhook.work', 'Enabling an endpoint'), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const endpoint = await find(c.req.param('id'));
    if (!endpoint) return c.notFound();
    const { id, disabledAt } = endpoint;
    if (disabledAt === null) return c.redirect(`/webhooks/${id}?done=unchanged`, 303);
    const ctx = staffContext(c, deps);
    await changeWebhookEndpoint(ctx, { tenant: endpoint, id, change: { enabled: true } });
    log.info('webhook endpoint enabled by hand', { endpoint_id: id, staff_id: c.get('staff').id });
    return c.redirect(`/webhooks/${id}?done=enabled`, 303);
  });

  app.post('/webhooks/:id/replay/:range{hour|day}', needs('webhook.work', 'A replay'), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const endpoint = await find(c.req.param('id'));
    if (!endpoint) return c.notFound();
    const { id, disabledAt } = endpoint;
    // Events that come due for a disabled endpoint are dropped.
    if (disabledAt !== null) return c.redirect(`/webhooks/${id}?done=disabled`, 303);
    const { ms } = REPLAYS[c.req.param('range') as keyof typeof REPLAYS];
    const ctx = staffContext(c, deps);
    const events = await replayEvents(ctx, { tenant: endpoint, id, events: { latestMs: ms } });
    log.info('events replayed by hand', { endpoint_id: id, staff_id: c.get('staff').id, events });
    return c.redirect(`/webhooks/${id}?done=replayed&events=${events}`, 303);
  });
  return app;
}

function noticeOf({ done, events = '' }: Record<string, string>): Notice | null {
  switch (done) {
    case 'enabled':
      return { text: 'Enabled: what happens from now on is sent to it again.', tone: 'good' };
    case 'replayed':
      if (!/^\d{1,6}$/.test(events)) return null;
      return events === '0'
        ? { text: 'There was nothing to send again in that time.', tone: 'bad' }
        : {
            text: `${events} ${events === '1' ? 'event comes' : 'events come'} again within half a minute.`,
            tone: 'good',
          };
    case 'disabled':
      return { text: 'Nothing was sent again: it is disabled. Enable it first.', tone: 'bad' };
    case 'unchanged':
      return { text: 'Nothing was changed: it is enabled.', tone: 'bad' };
    default:
      return null;
  }
}
