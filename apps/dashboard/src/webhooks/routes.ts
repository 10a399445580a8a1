import { listEndpoints, readEndpoint } from '@carillon/db/queries/dashboard-list-endpoints';
import { listEventDeliveries } from '@carillon/db/queries/list-event-deliveries';
import { patchWebhookEndpoint } from '@carillon/db/queries/patch-webhook-endpoint';
import { MAX_REPLAYED, replayEvents } from '@carillon/db/queries/replay-events';
import { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { UUID } from '../notifications/settle-routes.ts';
import type { Notice } from '../pages/notice.ts';
import { webhookPage } from '../pages/webhook.ts';
import { webhooksPage } from '../pages/webhooks.ts';

/** An app has 50 at most; a page for more apps than this has stopped to be a page. */
const SHOWN = 500;
const DELIVERIES_SHOWN = 50;

/** How far back a replay can go from here; the API takes any range. */
export const REPLAYS = {
  hour: { words: 'the last hour', ms: 3_600_000 },
  day: { words: 'the last day', ms: 86_400_000 },
} as const;

/** The endpoints of customers: what they were sent, and the two things a person can do for one. */
export function webhookRoutes({ sql, log }: DashboardDeps): Hono<DashboardEnv> {
  const app = new Hono<DashboardEnv>();
  const find = async (id: string) => (UUID.test(id) ? readEndpoint(sql, id) : null);

  app.get('/webhooks', async (c) => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(webhooksPage({ frame, rows: await listEndpoints(sql, SHOWN), now: new Date() }));
  });

  app.get('/webhooks/:id', async (c) => {
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

  app.post('/webhooks/:id/enable', async (c) => {
    const form = await checkedForm(c, 'webhook.work', 'Enabling an endpoint');
    if (!form.ok) return form.answer;
    const endpoint = await find(c.req.param('id'));
    if (!endpoint) return c.notFound();
    const { id, disabledAt } = endpoint;
    if (disabledAt === null) return c.redirect(`/webhooks/${id}?done=unchanged`, 303);
    const actor = `staff:${c.get('staff').email}`;
    if (!(await patchWebhookEndpoint(sql, endpoint, id, { enabled: true }, actor))) return c.notFound();
    log('webhook endpoint enabled by hand', { endpoint: id, actor });
    return c.redirect(`/webhooks/${id}?done=enabled`, 303);
  });

  app.post('/webhooks/:id/replay/:range{hour|day}', async (c) => {
    const form = await checkedForm(c, 'webhook.work', 'A replay');
    if (!form.ok) return form.answer;
    const endpoint = await find(c.req.param('id'));
    if (!endpoint) return c.notFound();
    const { id, disabledAt } = endpoint;
    // Whatever is due for a disabled endpoint is dropped.
    if (disabledAt !== null) return c.redirect(`/webhooks/${id}?done=disabled`, 303);
    const { ms } = REPLAYS[c.req.param('range') as keyof typeof REPLAYS];
    const to = new Date();
    const range = { from: new Date(to.getTime() - ms), to, eventTypes: [] };
    const actor = `staff:${c.get('staff').email}`;
    const events = await replayEvents(sql, endpoint, id, range, MAX_REPLAYED, actor);
    log('events replayed by hand', { endpoint: id, actor, events });
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
