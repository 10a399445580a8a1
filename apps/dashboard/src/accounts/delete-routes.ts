import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { deleteProviderAccount } from '@carillon/services/provider-accounts/delete';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import type { Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { deleteAccountPage } from '../pages/delete-account.ts';
import { staffContext } from '../staff-context.ts';
import { toldPath } from './show-providers.ts';

const DEED = 'Deleting a provider account';

/** A confirmation page with the consequences, and the deletion. */
export function registerDelete(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { sql, log } = deps;

  app.get('/providers/:account/delete', needs('account.administer', DEED), async (c) => {
    const accounts = await listProviderAccounts(sql);
    const account = accounts.find(({ id }) => id === c.req.param('account'));
    if (!account) return c.notFound();
    const others = accounts.filter(
      ({ id, channel, enabled }) => id !== account.id && channel === account.channel && enabled,
    );
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(deleteAccountPage({ frame, account, isLast: account.enabled && others.length === 0 }));
  });

  app.post('/providers/:account/delete', needs('account.administer', DEED), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    // Only the confirmation page sends this field.
    if (form.field('confirmed', 64) !== id) return c.redirect(`/providers/${id}/delete`, 303);
    const ctx = staffContext(c, deps);
    await deleteProviderAccount(ctx, { id });
    log.info('provider account deleted', { account: id, staff_id: c.get('staff').id });
    return c.redirect(toldPath('deleted', id), 303);
  });
}
