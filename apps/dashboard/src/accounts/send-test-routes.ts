import type { Channel } from '@carillon/core/notification/channel';
import { whyUntestable } from '@carillon/core/provider/account-test';
import { randomIdempotencyKey } from '@carillon/core/text/ids';
import { ProblemError } from '@carillon/core/text/problem';
import { type AppRow, listApps } from '@carillon/db/apps/list-apps';
import {
  findProviderAccount,
  type ProviderAccountRow,
} from '@carillon/db/provider-accounts/provider-accounts';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import { formTest, sendAccountTest } from '@carillon/services/provider-accounts/send-test';
import type { Context, Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { label } from '../pages/elements.ts';
import { type SendTestView, sendTestPage } from '../pages/send-test.ts';
import { staffContext } from '../staff-context.ts';
import { MAX_ADDRESSEE, readAddressee } from './read-addressee.ts';

const DEED = 'Sending a test';
const ENVIRONMENT = 'live';

/** A real message through one account and no other: the API's POST /v1/provider-accounts/{account}/test as a form. */
export function registerSendTest(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { sql, log } = deps;
  const find = async (id: string) => (ACCOUNT_ID.test(id) ? findProviderAccount(sql, id) : null);
  const show = (
    c: Context<DashboardEnv>,
    view: Omit<SendTestView, 'frame' | 'once' | 'hindrance'>,
    status: 200 | 422 = 200,
  ) => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    const hindrance = hindranceOf(view.account, view.apps);
    return c.html(sendTestPage({ frame, once: randomIdempotencyKey(), hindrance, ...view }), status);
  };

  app.get('/providers/:account/test', needs('account.administer', DEED), async (c) => {
    const [account, apps] = await Promise.all([find(c.req.param('account')), listApps(sql)]);
    if (!account) return c.notFound();
    return show(c, { account, apps, shown: { app: undefined, to: undefined }, problem: null });
  });

  app.post('/providers/:account/test', needs('account.administer', DEED), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const [account, apps] = await Promise.all([find(c.req.param('account')), listApps(sql)]);
    if (!account) return c.notFound();
    const shown = { app: form.field('app', 36), to: form.field('to', MAX_ADDRESSEE) };
    const refuse = (problem: string | null) => show(c, { account, apps, shown, problem }, 422);
    if (hindranceOf(account, apps) !== null) return refuse(null);

    const owner = apps.length === 1 ? apps[0] : apps.find(({ id }) => id === shown.app);
    if (!owner) return refuse('Choose the app whose message it is.');
    const read = readAddressee(account.channel, shown.to);
    if ('problem' in read) return refuse(read.problem);

    const ctx = staffContext(c, deps);
    const tenant = { appId: owner.id, environment: ENVIRONMENT } as const;
    const once = form.field('once', 64) ?? randomIdempotencyKey();
    const submission = formTest(tenant, account, read.to, once);
    try {
      const { accepted, replayed } = await sendAccountTest(ctx, { accountId: account.id, submission });
      const { id } = accepted;
      if (!replayed)
        log.info('provider account tested', {
          account: account.id,
          notification_id: id,
          staff_id: c.get('staff').id,
        });
      return c.redirect(`/notifications/${id}?done=${replayed ? 'repeated' : 'tested'}`, 303);
    } catch (error) {
      const unreachable = whyUnreachable(error, owner, account.channel, shown.to);
      if (unreachable === null) throw error;
      return refuse(unreachable);
    }
  });
}

/** The refusals of a send that the user of the form can correct; null for any other error. */
function whyUnreachable(
  error: unknown,
  owner: AppRow,
  channel: Channel,
  recipientId: string | undefined,
): string | null {
  if (!(error instanceof ProblemError)) return null;
  if (error.code === 'unknown_recipient')
    return `${owner.name} has no live recipient "${recipientId}". Check the id, or have the app PUT the recipient first.`;
  if (error.code === 'no_contact_point')
    return `"${recipientId}" cannot be reached by ${label(channel)}. Have the app add a device, or name another recipient.`;
  return null;
}

/** Why no test of this account can be sent now, regardless of the recipient. */
function hindranceOf(
  { id, enabled, environments }: ProviderAccountRow,
  apps: readonly AppRow[],
): string | null {
  const why = whyUntestable({ enabled, environments }, ENVIRONMENT);
  if (why === 'wrong_environment')
    return `${id} carries ${environments.join(' and ')} messages only, and a test from here is a live one. Add live to its environments first.`;
  if (why === 'disabled')
    return `${id} is disabled. Enable it first; Verify credentials asks its provider also while it is disabled.`;
  return apps.length === 0 ? 'A message belongs to an app, and there is none yet. Create one first.' : null;
}
