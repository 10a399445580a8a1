import type { ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { listBreakers } from '@carillon/db/queries/list-breakers';
import { listProviderAccounts } from '@carillon/db/queries/list-provider-accounts';
import type { Context } from 'hono';
import { may } from '../auth/permissions.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { breakerTold } from '../pages/breaker-part.ts';
import type { Notice } from '../pages/notice.ts';
import { providersPage } from '../pages/providers.ts';
import { byChannel } from './by-channel.ts';

/** More accounts than any installation has; the page has no pages. */
const SHOWN = 500;

/** How an account's id looks; anything else in an address leads nowhere and never reaches PostgreSQL. */
export const ACCOUNT_ID = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** What the page tells once, after a change. */
const TOLD = {
  created: (id: string) => `${id} is there: workers use it within 10 seconds.`,
  saved: (id: string) => `${id} is saved: workers follow within 10 seconds.`,
  enabled: (id: string) => `${id} is enabled: workers use it within 10 seconds.`,
  disabled: (id: string) => `${id} is disabled: workers stop using it within 10 seconds.`,
  deleted: (id: string) => `${id} is deleted, and its credentials with it.`,
} as const;
export type Done = keyof typeof TOLD;

/** The address of the page that tells of it. */
export const toldPath = (done: Done, id: string): string => `/providers?done=${done}&account=${id}`;

/** The page of all accounts, with what there is to tell. */
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
  // A link that somebody else made must not tell of what did not happen.
  const isThere = accounts.some(({ id }) => id === account);
  if (!Object.hasOwn(TOLD, done) || !ACCOUNT_ID.test(account) || isThere !== (done !== 'deleted'))
    return null;
  return { text: TOLD[done as Done](account), tone: 'good' };
}
