import { may } from '@carillon/core/access/access';
import { listBreakers } from '@carillon/db/breakers/breakers';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import type { Context } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { breakerTold } from '../pages/breaker-part.ts';
import type { Notice } from '../pages/problem.ts';
import { providersPage } from '../pages/providers.ts';
import { byChannel } from './by-channel.ts';

/** More accounts than any installation has; the list is not paged. */
const SHOWN = 500;

/** The notices shown once, after a change. */
const TOLD = {
  created: (id: string) => `${id} is there: messages accepted from now on can use it.`,
  saved: (id: string) => `${id} is saved: calls made from now on follow it.`,
  enabled: (id: string) => `${id} is enabled: messages accepted from now on can use it.`,
  disabled: (id: string) => `${id} is disabled: no call is begun with it any longer.`,
  deleted: (id: string) => `${id} is deleted, and its credentials with it.`,
} as const;
export type Done = keyof typeof TOLD;

/** The URL of the page with the notice. */
export const toldPath = (done: Done, id: string): string => `/providers?done=${done}&account=${id}`;

/** The page of all accounts, with a notice if there is one. */
export async function showProviders(
  c: Context<DashboardEnv>,
  { sql, config }: Pick<DashboardDeps, 'sql' | 'config'>,
  notice?: Notice,
  status: 200 | 422 = 200,
): Promise<Response> {
  const [accounts, breakers] = await Promise.all([
    listProviderAccounts(sql),
    listBreakers(sql, undefined, SHOWN),
  ]);
  const { role } = c.get('staff');
  const changed = breakers.find(({ account }) => account === c.req.query('changed'));
  const page = providersPage({
    frame: { staff: c.get('staff'), formToken: c.get('formToken') },
    groups: byChannel(accounts, breakers),
    mayHold: may(role, 'breaker.hold'),
    mayAdminister: may(role, 'account.administer'),
    notice: notice ?? (changed ? { text: breakerTold(changed), tone: 'good' } : told(c, accounts)),
    apiUrl: config.PUBLIC_BASE_URL,
    now: new Date(),
  });
  return c.html(page, status);
}

function told(c: Context<DashboardEnv>, accounts: readonly ProviderAccountRow[]): Notice | null {
  if (c.req.query('unexplained') !== undefined)
    return { text: 'Nothing was changed: say why, for whoever finds it held.', tone: 'bad' };
  const { done = '', account = '' } = c.req.query();
  // A forged link must not show a notice of something that did not happen.
  const isThere = accounts.some(({ id }) => id === account);
  if (!Object.hasOwn(TOLD, done) || !ACCOUNT_ID.test(account) || isThere !== (done !== 'deleted'))
    return null;
  return { text: TOLD[done as Done](account), tone: 'good' };
}
