import { changeProviderAccount } from '@carillon/db/queries/change-provider-account';
import { findProviderAccount } from '@carillon/db/queries/find-provider-account';
import { PLACING } from '@carillon/providers/placing';
import { verifyAccount } from '@carillon/providers/verify-account';
import type { Hono } from 'hono';
import { z } from 'zod';
import { checkedForm } from '../auth/checked-form.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { ACCOUNT_ID, showProviders, toldPath } from './show-providers.ts';

/** What a form says of an account's place; an empty limit is none. */
const placingSchema = z.object({
  position: PLACING.order,
  weight: PLACING.weight,
  ratePerSecond: PLACING.ratePerSecond.nullable(),
});
const NAMES: Readonly<Record<string, string>> = {
  position: 'Order',
  weight: 'Weight',
  ratePerSecond: 'Messages a second',
};

const DEED = 'Changing a provider account';

/** An account's place among its channel's, whether it is used, and the question to its provider. */
export function registerPlacing(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { sql, config, log } = deps;

  app.post('/providers/:account/placing', async (c) => {
    const form = await checkedForm(c, 'account.administer', DEED);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    const number = (name: string) => Number(form.field(name, 20) ?? Number.NaN);
    const parsed = placingSchema.safeParse({
      position: number('order'),
      weight: number('weight'),
      ratePerSecond: form.field('rate_per_second', 20) === undefined ? null : number('rate_per_second'),
    });
    if (!parsed.success) {
      const wrong = parsed.error.issues.map(({ path, message }) => `${NAMES[String(path[0])]} ${message}`);
      const text = `${id} was not changed: ${wrong.join('; ')}.`;
      return showProviders(c, deps, { text, tone: 'bad' }, 422);
    }
    const actor = `staff:${c.get('staff').email}`;
    const place = parsed.data;
    if (!(await changeProviderAccount(sql, id, (before) => before && { ...before, ...place }, actor)))
      return c.notFound();
    log('provider account changed', { account: id, actor });
    return c.redirect(toldPath('saved', id), 303);
  });

  app.post('/providers/:account/:switch{enable|disable}', async (c) => {
    const form = await checkedForm(c, 'account.administer', DEED);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    const enabled = c.req.param('switch') === 'enable';
    const actor = `staff:${c.get('staff').email}`;
    if (!(await changeProviderAccount(sql, id, (before) => before && { ...before, enabled }, actor)))
      return c.notFound();
    log('provider account changed', { account: id, enabled, actor });
    return c.redirect(toldPath(enabled ? 'enabled' : 'disabled', id), 303);
  });

  // Answered by the page itself, not by a redirect: what a provider said belongs into no address.
  app.post('/providers/:account/verify', async (c) => {
    const form = await checkedForm(c, 'account.administer', 'Asking a provider about its credentials');
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    const account = ACCOUNT_ID.test(id) ? await findProviderAccount(sql, id) : null;
    if (!account) return c.notFound();
    const verdict = await verifyAccount(config.ENCRYPTION_KEYS, account);
    return showProviders(
      c,
      deps,
      verdict.healthy
        ? { text: `${account.id} is healthy: its provider takes these credentials.`, tone: 'good' }
        : { text: `${account.id} is not healthy: ${verdict.why}.`, tone: 'bad' },
    );
  });
}
