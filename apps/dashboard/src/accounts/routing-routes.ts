import { whileHeld } from '@carillon/core/notification/deadline';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { ROUTING_SETTINGS } from '@carillon/providers/accounts/routing-settings';
import { changeProviderAccount } from '@carillon/services/provider-accounts/change';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import { verifyProviderAccount } from '@carillon/services/provider-accounts/verify';
import type { Hono } from 'hono';
import { z } from 'zod';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { staffContext } from '../staff-context.ts';
import { showProviders, toldPath } from './show-providers.ts';

/** The routing settings in a form; an empty limit means no limit. */
const placingSchema = z.object({
  position: ROUTING_SETTINGS.order,
  weight: ROUTING_SETTINGS.weight,
  ratePerSecond: ROUTING_SETTINGS.ratePerSecond.nullable(),
});
const NAMES: Readonly<Record<string, string>> = {
  position: 'Order',
  weight: 'Weight',
  ratePerSecond: 'Messages a second',
};

const DEED = 'Changing a provider account';

/** An account's routing settings, whether it is enabled, and the check of its credentials. */
export function registerPlacing(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { sql, config, log } = deps;

  app.post('/providers/:account/placing', needs('account.administer', DEED), async (c) => {
    const form = await checkedForm(c);
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
    const ctx = staffContext(c, deps);
    await changeProviderAccount(ctx, { id, change: parsed.data });
    log.info('provider account saved', { account: id, created: false, staff_id: c.get('staff').id });
    return c.redirect(toldPath('saved', id), 303);
  });

  app.post('/providers/:account/:switch{enable|disable}', needs('account.administer', DEED), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    const enabled = c.req.param('switch') === 'enable';
    const ctx = staffContext(c, deps);
    await changeProviderAccount(ctx, { id, change: { enabled } });
    log.info('provider account switched', { account: id, enabled, staff_id: c.get('staff').id });
    return c.redirect(toldPath(enabled ? 'enabled' : 'disabled', id), 303);
  });

  // Answered by a page, not by a redirect: a provider's answer must not be in a URL.
  app.post(
    '/providers/:account/verify',
    needs('account.administer', 'Asking a provider about its credentials'),
    async (c) => {
      const form = await checkedForm(c);
      if (!form.ok) return form.answer;
      const id = c.req.param('account');
      if (!ACCOUNT_ID.test(id) || (await findProviderAccount(sql, id)) === null) return c.notFound();
      const { ENCRYPTION_KEYS: ring, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
      const asking = <T>(question: Promise<T>) => whileHeld(c.get('clock'), question);
      const verdict = await verifyProviderAccount({ db: sql }, { id, ring, allowPrivate, asking });
      return showProviders(
        c,
        deps,
        verdict.healthy
          ? { text: `${id} is healthy: its provider takes these credentials.`, tone: 'good' }
          : { text: `${id} is not healthy: ${verdict.why}.`, tone: 'bad' },
      );
    },
  );
}
