import { type KeyRing, SealBroken } from '@carillon/core/envelope';
import { changeProviderAccount } from '@carillon/db/queries/change-provider-account';
import { findProviderAccount, type ProviderAccountRow } from '@carillon/db/queries/find-provider-account';
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
const TAKEN = {
  path: 'id',
  message: 'is the id of an account that is there already; change that one, or take another id',
} as const;
const CREATING = 'Creating a provider account';
const CHANGING = 'Changing a provider account';

/** A form with what it is about. */
interface Filled extends AccountForm {
  /** null: a new one. */
  account: ProviderAccountRow | null;
  /** The secrets that it leaves as they are. */
  kept: Kept;
}

/**
 * What an account is: its settings, and credentials that go in and never come out. Checked by the table that checks
 * PROVIDERS_FILE and the API; every mistake is shown by its field.
 */
export function registerSettings(app: Hono<DashboardEnv>, { sql, config, log }: DashboardDeps): void {
  const ring = config.ENCRYPTION_KEYS;
  const show = (
    c: Context<DashboardEnv>,
    view: Omit<AccountFormView, 'frame'>,
    status: 200 | 422 = 200,
  ): Response | Promise<Response> => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(accountFormPage({ frame, ...view }), status);
  };
  /** Seals and stores what the form makes of the account as it is now, or shows the form again with what is wrong. */
  const save = async (
    c: Context<DashboardEnv>,
    id: string,
    fill: (now: ProviderAccountRow | null) => Filled | null,
  ): Promise<Response> => {
    const actor = `staff:${c.get('staff').email}`;
    let refused = null as Omit<AccountFormView, 'frame'> | null;
    const change = (now: ProviderAccountRow | null) => {
      const filled = fill(now);
      if (filled === null) return null;
      const { shown, words, errors: misread, account, kept } = filled;
      const read = misread.length > 0 ? { errors: misread } : settingsFromWords(words, kept);
      if ('settings' in read) {
        const row = sealAccount(ring, read.settings, account?.enabled ?? shown.enabled);
        return { ...row, managedBy: 'api' } as const;
      }
      refused = { shown, account, errors: read.errors };
      return null;
    };
    const changed = await changeProviderAccount(sql, id, change, actor);
    if (refused) return show(c, refused, 422);
    if (!changed) return c.notFound();
    log(changed.created ? 'provider account created' : 'provider account changed', { account: id, actor });
    return c.redirect(toldPath(changed.created ? 'created' : 'saved', id), 303);
  };

  app.get('/providers/new', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', CREATING);
    return refusal ?? show(c, { shown: BLANK, account: null, errors: [] });
  });

  app.post('/providers/new', async (c) => {
    const form = await checkedForm(c, 'account.administer', CREATING);
    if (!form.ok) return form.answer;
    const read = readAccountForm(form.field);
    return save(c, read.shown.id, (now) => {
      const errors = now ? [...read.errors, TAKEN] : read.errors;
      return { ...read, errors, account: null, kept: {} };
    });
  });

  app.get('/providers/:account/settings', async (c) => {
    const refusal = mayOrRefuse(c, 'account.administer', CHANGING);
    if (refusal) return refusal;
    const id = c.req.param('account');
    const account = ACCOUNT_ID.test(id) ? await findProviderAccount(sql, id) : null;
    if (!account) return c.notFound();
    return show(c, { shown: shownOf(account), account, errors: [] });
  });

  app.post('/providers/:account/settings', async (c) => {
    const form = await checkedForm(c, 'account.administer', CHANGING);
    if (!form.ok) return form.answer;
    const id = c.req.param('account');
    if (!ACCOUNT_ID.test(id)) return c.notFound();
    return save(
      c,
      id,
      (account) => account && filledFor(account, readAccountForm(form.field, account), ring),
    );
  });
}

/** What the form does not name of an account that is there stays as it is. */
function filledFor(account: ProviderAccountRow, read: AccountForm, ring: KeyRing): Filled {
  const { position: order, weight, ratePerSecond: rate_per_second, settings } = account;
  // Its place has a form of its own; unless the settings name it too, it stays.
  const words = { order, weight, rate_per_second, ...read.words };
  const errors = [...read.errors];
  const kept: Kept = { settings, ...(settings.caFile === undefined ? {} : { caFile: settings.caFile }) };
  try {
    Object.assign(kept, secretsOf(ring, account));
  } catch (error) {
    if (!(error instanceof SealBroken)) throw error;
    for (const path of secretsFor(account.provider)) {
      if (path in words || read.cleared.includes(path)) continue;
      const message = `cannot be kept, because ${error.message}. Or enter it anew, {} for none`;
      errors.push({ path, message });
    }
  }
  for (const name of read.cleared) delete kept[name];
  return { ...read, words, errors, account, kept };
}

function shownOf({ id, provider, environments, enabled, settings, prefixes }: ProviderAccountRow) {
  const words = { ...settingsInWords(settings), ...(prefixes.length === 0 ? {} : { prefixes }) };
  return { id, provider, environments, enabled, settings: settingsShown(words, provider) };
}
