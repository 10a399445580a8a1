import { deleteProviderAccount } from '@carillon/db/queries/delete-provider-account';
import { listProviderAccounts } from '@carillon/db/queries/list-provider-accounts';
import type { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { mayOrRefuse } from '../auth/may-or-refuse.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { deleteAccountPage } from '../pages/delete-account.ts';
import { ACCOUNT_ID, toldPath } from './show-providers.ts';

const DEED = 'Deleting a provider account';

/** A page that says what goes with the account, and the deed itself. */
export function registerDelete(app: Hono<DashboardEnv>, { sql, log }: DashboardDeps): void {
  app.get('/providers/:account/delete', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', DEED);
    if (refusal) return refusal;
    const accounts = await listProviderAccounts(sql);
    const account = accounts.find(({ id }) => id === c.req.param('account'));
    if (!account) return c.notFound();
    const others = accounts.filter(
      ({ id, channel, enabled }) => id !== account.id && channel === account.channel && enabled,
    );
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(deleteAccountPage({ frame, account, isLast: account.enabled && others.length === 0 }));
  });

  app.post('/providers/:account/delete', async (c) => {
    const form = await checkedForm(c, 'account.administer', DEED);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    // Only the page that says what goes with it sends this.
    if (form.field('confirmed', 64) !== id) return c.redirect(`/providers/${id}/delete`, 303);
    const actor = `staff:${c.get('staff').email}`;
    if (!(await deleteProviderAccount(sql, id, actor))) return c.notFound();
    log('provider account deleted', { account: id, actor });
    return c.redirect(toldPath('deleted', id), 303);
  });
}
