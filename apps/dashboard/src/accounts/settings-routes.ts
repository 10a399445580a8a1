import { SealBroken } from '@carillon/core/envelope';
import { findProviderAccount, type ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
import { putProviderAccount } from '@carillon/db/queries/put-provider-account';
import { type Kept, settingsFromWords, settingsInWords } from '@carillon/providers/account-words';
import { sealAccount, secretsOf } from '@carillon/providers/sealed-account';
import type { Context, Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { mayOrRefuse } from '../auth/may-or-refuse.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { type AccountFormView, accountFormPage, secretsFor } from '../pages/account-form.ts';
import { type AccountForm, readAccountForm, settingsShown } from './read-account-form.ts';
import { ACCOUNT_ID, toldPath } from './show-providers.ts';

const BLANK = { id: '', provider: '', environments: ['live'], enabled: true, settings: '' } as const;
const CREATING = 'Creating a provider account';
const CHANGING = 'Changing a provider account';

/**
 * What an account is: its settings, and credentials that go in and never come out. Checked by the table that checks
 * PROVIDERS_FILE and the API; every mistake is shown by its field.
 */
export function registerSettings(app: Hono<DashboardEnv>, { sql, config, log }: DashboardDeps): void {
  const ring = config.ENCRYPTION_KEYS;
  const find = async (id: string) => (ACCOUNT_ID.test(id) ? findProviderAccount(sql, id) : null);
  const show = (
    c: Context<DashboardEnv>,
    view: Omit<AccountFormView, 'frame'>,
    status: 200 | 422 = 200,
  ): Response | Promise<Response> => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(accountFormPage({ frame, ...view }), status);
  };
  /** Seals and stores what the form says, or shows it again with what is wrong. */
  const save = async (
    c: Context<DashboardEnv>,
    { shown, words, errors: misread }: AccountForm,
    account: ProviderAccountRow | null,
    kept: Kept,
  ): Promise<Response> => {
    const read = misread.length > 0 ? { errors: misread } : settingsFromWords(words, kept);
    if ('errors' in read) return show(c, { shown, account, errors: read.errors }, 422);
    const row = sealAccount(ring, read.settings, account?.enabled ?? shown.enabled);
    const actor = `staff:${c.get('staff').email}`;
    const { created } = await putProviderAccount(sql, { ...row, managedBy: 'api' }, actor);
    log(created ? 'provider account created' : 'provider account changed', { account: row.id, actor });
    return c.redirect(toldPath(created ? 'created' : 'saved', row.id), 303);
  };

  app.get('/providers/new', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', CREATING);
    return refusal ?? show(c, { shown: BLANK, account: null, errors: [] });
  });

  app.post('/providers/new', async (c) => {
    const form = await checkedForm(c, 'account.administer', CREATING);
    if (!form.ok) return form.answer;
    const read = readAccountForm(form.field);
    if (await find(read.shown.id)) {
      const message = 'is the id of an account that is there already; change that one, or take another id';
      read.errors.push({ path: 'id', message });
    }
    return save(c, read, null, {});
  });

  app.get('/providers/:account/settings', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', CHANGING);
    if (refusal) return refusal;
    const account = await find(c.req.param('account'));
    if (!account) return c.notFound();
    return show(c, { shown: shownOf(account), account, errors: [] });
  });

  app.post('/providers/:account/settings', async (c) => {
    const form = await checkedForm(c, 'account.administer', CHANGING);
    if (!form.ok) return form.answer;
    const account = await find(c.req.param('account'));
    if (!account) return c.notFound();
    const read = readAccountForm(form.field, account);
    const { position: order, weight, ratePerSecond: rate_per_second, settings } = account;
    // Its place has a form of its own; unless the settings name it too, it stays.
    const words = { order, weight, rate_per_second, ...read.words };
    const kept: Kept = { settings, ...(settings.caFile === undefined ? {} : { caFile: settings.caFile }) };
    try {
      Object.assign(kept, secretsOf(ring, account));
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      for (const path of secretsFor(account.provider)) {
        if (path in words || read.cleared.includes(path)) continue;
        const message = `cannot be kept, because ${error.message}. Or enter it anew, {} for none`;
        read.errors.push({ path, message });
      }
    }
    for (const name of read.cleared) delete kept[name];
    return save(c, { ...read, words }, account, kept);
  });
}

function shownOf({ id, provider, environments, enabled, settings, prefixes }: ProviderAccountRow) {
  const words = { ...settingsInWords(settings), ...(prefixes.length === 0 ? {} : { prefixes }) };
  return { id, provider, environments, enabled, settings: settingsShown(words, provider) };
}
