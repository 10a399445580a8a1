import { readNotification } from '@carillon/db/queries/dashboard-read-notification';
import { markSent, type Settlement } from '@carillon/db/queries/mark-sent';
import { type Retry, retryNotification } from '@carillon/db/queries/retry-notification';
import type { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';

/** How a notification's id looks; anything else in an address leads nowhere and never reaches PostgreSQL. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What the page tells once, after one of these requests or a test of an account. */
export const NOTICES = {
  retried: { text: 'Retry accepted: a new cycle of attempts begins.', tone: 'good' },
  marked: { text: 'Marked as sent. The doubt is settled.', tone: 'good' },
  doubtful: {
    text: 'Nothing was changed: it may have arrived already. Tick the box if it may arrive twice.',
    tone: 'bad',
  },
  taken: {
    text: 'Nothing was changed: that is the id of another notification\u2019s message. Copy the one of this message, or leave it out.',
    tone: 'bad',
  },
  tested: {
    text: 'Test accepted: it is sent within ten minutes or expires. Reload this page to see what became of it.',
    tone: 'good',
  },
  repeated: {
    text: 'Nothing more was sent: that form was sent before, and this is its test. Open the form anew for another.',
    tone: 'bad',
  },
  unchanged: {
    text: 'Nothing was changed: its state is another one by now, or it has expired.',
    tone: 'bad',
  },
} as const;

const NOTICE_OF: Readonly<Record<(Retry | Settlement)['outcome'], keyof typeof NOTICES>> = {
  moved: 'retried',
  not_found: 'unchanged',
  refused: 'unchanged',
  doubtful: 'doubtful',
  taken: 'taken',
};

/**
 * What a person does about a notification that stands still: the same statements as the API's, with the person as the
 * actor. POST /notifications/{id}/retry and .../mark-sent.
 */
export function registerSettle(app: Hono<DashboardEnv>, { sql, waker }: DashboardDeps): void {
  const find = async (id: string) => (UUID.test(id) ? readNotification(sql, id) : null);

  app.post('/notifications/:id/retry', async (c) => {
    const form = await checkedForm(c, 'notification.retry', 'A retry');
    if (!form.ok) return form.answer;
    const risky = form.field('accept_duplicate_risk', 10) === 'yes';

    const notification = await find(c.req.param('id'));
    if (!notification) return c.notFound();
    const { id, appId, environment } = notification;
    const actor = `staff:${c.get('staff').email}`;
    const move = await retryNotification(sql, { appId, environment }, id, risky, actor);
    if (move.outcome === 'moved') waker.wake(move.moved.priority);
    return c.redirect(`/notifications/${id}?done=${NOTICE_OF[move.outcome]}`, 303);
  });

  app.post('/notifications/:id/mark-sent', async (c) => {
    const form = await checkedForm(c, 'doubt.settle', 'Settling a doubt');
    if (!form.ok) return form.answer;
    const knowledge = {
      providerMessageId: form.field('provider_message_id', 255),
      note: form.field('note', 500),
    };

    const notification = await find(c.req.param('id'));
    if (!notification) return c.notFound();
    const { id, appId, environment } = notification;
    const actor = `staff:${c.get('staff').email}`;
    const move = await markSent(sql, { appId, environment }, id, knowledge, actor);
    const done = move.outcome === 'moved' ? 'marked' : NOTICE_OF[move.outcome];
    return c.redirect(`/notifications/${id}?done=${done}`, 303);
  });
}
