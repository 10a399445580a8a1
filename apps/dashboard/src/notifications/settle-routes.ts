import { readNotification } from '@carillon/db/notifications/dashboard-read-notification';
import { markSent } from '@carillon/services/notifications/mark-sent';
import { type MoveRefusal, MoveRefused } from '@carillon/services/notifications/moved';
import { retryNotification } from '@carillon/services/notifications/retry';
import type { Context, Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { staffContext } from '../staff-context.ts';

/** The format of a notification id; anything else in a URL is answered 404 before it reaches PostgreSQL. */
export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The notices shown once, after one of these requests or a test of an account. */
export const NOTICES = {
  retried: { text: 'Retry accepted: a new cycle of attempts begins.', tone: 'good' },
  marked: { text: 'Marked as sent. The doubt is settled.', tone: 'good' },
  cancelled: { text: 'Cancelled. It is never sent.', tone: 'good' },
  rescheduled: { text: 'Rescheduled: it is sent at the new time.', tone: 'good' },
  untimely: {
    text: 'Nothing was changed: give a time, in UTC, that is before it expires.',
    tone: 'bad',
  },
  doubtful: {
    text: 'Nothing was changed: it may have arrived already. Tick the box if it may arrive twice.',
    tone: 'bad',
  },
  redacted: {
    text: 'Nothing was changed: its category is secret, and its texts went when it was final. Send a new notification.',
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

export type Done = keyof typeof NOTICES;

const REFUSED: Readonly<Record<MoveRefusal, Done>> = {
  not_found: 'unchanged',
  refused: 'unchanged',
  untimely: 'untimely',
  doubtful: 'doubtful',
  redacted: 'redacted',
  taken: 'taken',
};

/** Redirects to the page of a notification, which shows the result of the request. */
export async function answerMove(
  c: Context<DashboardEnv>,
  id: string,
  move: () => Promise<Done>,
): Promise<Response> {
  let done: Done;
  try {
    done = await move();
  } catch (error) {
    if (!(error instanceof MoveRefused)) throw error;
    done = REFUSED[error.why];
  }
  return c.redirect(`/notifications/${id}?done=${done}`, 303);
}

/** Manual actions on a notification that has stopped: POST /notifications/{id}/retry and .../mark-sent. */
export function registerSettle(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const find = async (id: string) => (UUID.test(id) ? readNotification(deps.sql, id) : null);

  app.post('/notifications/:id/retry', needs('notification.retry', 'A retry'), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const acceptRisk = form.field('accept_duplicate_risk', 10) === 'yes';

    const tenant = await find(c.req.param('id'));
    if (!tenant) return c.notFound();
    const { id } = tenant;
    return answerMove(c, id, async () => {
      await retryNotification(staffContext(c, deps), { tenant, id, acceptRisk });
      return 'retried';
    });
  });

  app.post('/notifications/:id/mark-sent', needs('doubt.settle', 'Settling a doubt'), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const knowledge = {
      providerMessageId: form.field('provider_message_id', 255),
      note: form.field('note', 500),
    };

    const tenant = await find(c.req.param('id'));
    if (!tenant) return c.notFound();
    const { id } = tenant;
    return answerMove(c, id, async () => {
      await markSent(staffContext(c, deps), { tenant, id, ...knowledge });
      return 'marked';
    });
  });
}
