import { type KeyRing, SealBroken } from '@carillon/core/notification/envelope';
import {
  findProviderAccount,
  type ProviderAccountRow,
} from '@carillon/db/provider-accounts/provider-accounts';
import { secretsOf } from '@carillon/providers/accounts/account-encryption';
import { type Kept, settingsAsFields } from '@carillon/providers/accounts/form-fields';
import { ACCOUNT_ID } from '@carillon/services/provider-accounts/put';
import { saveProviderAccount } from '@carillon/services/provider-accounts/save';
import type { Context, Hono } from 'hono';
import { checkedForm } from '../auth/checked-form.ts';
import { needs } from '../auth/needs.ts';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { type AccountFormView, accountFormPage, secretsFor } from '../pages/account-form.ts';
import { staffContext } from '../staff-context.ts';
import { type AccountForm, readAccountForm, settingsShown } from './read-account-form.ts';
import { toldPath } from './show-providers.ts';

const BLANK = { id: '', provider: '', environments: ['live'], enabled: true, settings: '' } as const;
const TAKEN = {
  path: 'id',
  message: 'is the id of an account that is there already; change that one, or take another id',
} as const;
const CREATING = 'Creating a provider account';
const CHANGING = 'Changing a provider account';

/** A form with its account. */
interface Filled extends AccountForm {
  /** null: a new one. */
  account: ProviderAccountRow | null;
  /** The secrets that it leaves unchanged. */
  kept: Kept;
}

/**
 * An account's settings, and its write-only credentials. Checked by the table that checks PROVIDERS_FILE and the API;
 * every error is shown at its field.
 */
export function registerSettings(app: Hono<DashboardEnv>, deps: DashboardDeps): void {
  const { sql, config, log } = deps;
  const ring = config.ENCRYPTION_KEYS;
  const show = (
    c: Context<DashboardEnv>,
    view: Omit<AccountFormView, 'frame'>,
    status: 200 | 422 = 200,
  ): Response | Promise<Response> => {
    const frame = { staff: c.get('staff'), formToken: c.get('formToken') };
    return c.html(accountFormPage({ frame, ...view }), status);
  };
  /** Applies the form to the current account, encrypts and stores it, or shows the form again with its errors. */
  const save = async (
    c: Context<DashboardEnv>,
    id: string,
    fill: (now: ProviderAccountRow | null) => Filled | null,
  ): Promise<Response> => {
    const ctx = staffContext(c, deps);
    let filled = null as Filled | null;
    const changed = await saveProviderAccount(ctx, {
      id,
      ring,
      draft: (now) => {
        filled = fill(now);
        if (filled === null) return null;
        const { shown, words, errors, account, kept } = filled;
        return errors.length > 0 ? { errors } : { words, kept, enabled: account?.enabled ?? shown.enabled };
      },
    });
    if (!changed) return c.notFound();
    if ('errors' in changed) {
      const { shown, account } = filled!;
      return show(c, { shown, account, errors: changed.errors }, 422);
    }
    log.info('provider account saved', {
      account: id,
      created: changed.created,
      staff_id: c.get('staff').id,
    });
    return c.redirect(toldPath(changed.created ? 'created' : 'saved', id), 303);
  };

  app.get('/providers/new', needs('account.administer', CREATING), (c) =>
    show(c, { shown: BLANK, account: null, errors: [] }),
  );

  app.post('/providers/new', needs('account.administer', CREATING), async (c) => {
    const form = await checkedForm(c);
    if (!form.ok) return form.answer;
    const read = readAccountForm(form.field);
    return save(c, read.shown.id, (now) => {
      const errors = now ? [...read.errors, TAKEN] : read.errors;
      return { ...read, errors, account: null, kept: {} };
    });
  });

  app.get('/providers/:account/settings', needs('account.administer', CHANGING), async (c) => {
    const id = c.req.param('account');
    const account = ACCOUNT_ID.test(id) ? await findProviderAccount(sql, id) : null;
    if (!account) return c.notFound();
    return show(c, { shown: shownOf(account), account, errors: [] });
  });

  app.post('/providers/:account/settings', needs('account.administer', CHANGING), async (c) => {
    const form = await checkedForm(c);
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

/** Fields of an existing account that the form does not name stay unchanged. */
function filledFor(account: ProviderAccountRow, read: AccountForm, ring: KeyRing): Filled {
  const { position: order, weight, ratePerSecond: rate_per_second, settings } = account;
  // Routing has its own form; unless the settings name it too, it stays.
  const words = { order, weight, rate_per_second, ...read.words };
  const errors = [...read.errors];
  const { caFile } = settings;
  const kept: Kept = {
    settings,
    ...(caFile === undefined || account.managedBy !== 'file' ? {} : { caFile }),
  };
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
  const words = { ...settingsAsFields(settings), ...(prefixes.length === 0 ? {} : { prefixes }) };
  return { id, provider, environments, enabled, settings: settingsShown(words, provider) };
}
