import { whyUntestable } from '@carillon/core/account-test';
import type { Channel } from '@carillon/core/channel';
import { randomIdempotencyKey } from '@carillon/core/ids';
import { isReachable } from '@carillon/core/reach';
import { type Addressee, acceptAccountTest } from '@carillon/db/queries/accept-account-test';
import { findProviderAccount, type ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { findReachableRecipients } from '@carillon/db/queries/find-reachable-recipients';
import { type AppRow, listApps } from '@carillon/db/queries/list-apps';
import type { Context, Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { mayOrRefuse } from '../auth/may-or-refuse.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { label } from '../pages/pieces.ts';
import { type SendTestView, sendTestPage } from '../pages/send-test.ts';
import { MAX_ADDRESSEE, readAddressee } from './read-addressee.ts';
import { ACCOUNT_ID } from './show-providers.ts';

const DEED = 'Sending a test';
const ENVIRONMENT = 'live';

/** A real message through one account and no other: the API's POST /v1/provider-accounts/{account}/test as a form. */
export function registerSendTest(app: Hono<DashboardEnv>, { sql, waker, log }: DashboardDeps): void {
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

  app.get('/providers/:account/test', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', DEED);
    if (refusal) return refusal;
    const [account, apps] = await Promise.all([find(c.req.param('account')), listApps(sql)]);
    if (!account) return c.notFound();
    return show(c, { account, apps, shown: { app: undefined, to: undefined }, problem: null });
  });

  app.post('/providers/:account/test', async (c) => {
    const form = await checkedForm(c, 'account.administer', DEED);
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
    const unreachable = await whyUnreachable(owner, account.channel, read.to);
    if (unreachable !== null) return refuse(unreachable);

    const tenant = { appId: owner.id, environment: ENVIRONMENT } as const;
    const once = form.field('once', 64) ?? randomIdempotencyKey();
    const actor = `staff:${c.get('staff').email}`;
    const { id, priority, fresh } = await acceptAccountTest(sql, tenant, account, read.to, once, actor);
    if (fresh) {
      waker.wake(priority);
      log('provider account tested', { account: account.id, notification: id, actor });
    }
    return c.redirect(`/notifications/${id}?done=${fresh ? 'tested' : 'repeated'}`, 303);
  });

  async function whyUnreachable(owner: AppRow, channel: Channel, to: Addressee): Promise<string | null> {
    if (!('recipientId' in to)) return null;
    const wanted = { app_id: owner.id, environment: ENVIRONMENT, id: to.recipientId } as const;
    const [recipient] = await findReachableRecipients(sql, [wanted]);
    if (!recipient)
      return `${owner.name} has no live recipient "${to.recipientId}". Check the id, or have the app PUT the recipient first.`;
    if (isReachable(channel, recipient.kinds)) return null;
    return `"${to.recipientId}" cannot be reached by ${label(channel)}. Have the app add a device, or name another recipient.`;
  }
}

/** Why no test of this account can be sent now, whoever it is for. */
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
