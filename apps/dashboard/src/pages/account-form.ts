import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import type { FieldError } from '@carillon/core/text/problem';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { SECRET_FIELDS } from '@carillon/providers/accounts/account-encryption';
import { fieldsOf, PROVIDERS, secretFieldsOf } from '@carillon/providers/accounts/form-fields';
import type { SealedField } from '@carillon/providers/provider';
import { DEFINITIONS } from '@carillon/providers/providers';
import { html } from 'hono/html';
import type { Shown } from '../accounts/read-account-form.ts';
import { credentialsMark } from './account-part.ts';
import { type Frame, type Html, staffPage } from './layout.ts';

export interface AccountFormView {
  frame: Frame;
  shown: Shown;
  /** The account to change; null for a new one. */
  account: ProviderAccountRow | null;
  errors: readonly FieldError[];
}

const FIELDS = ['id', 'provider', 'environments', 'settings', ...SECRET_FIELDS];

/** The secrets of this provider; all secrets while no provider is chosen. */
export const secretsFor = (provider: string | undefined): readonly string[] =>
  provider === undefined ? SECRET_FIELDS : secretFieldsOf(provider);

const SECRET_TEXTS: Readonly<Record<string, SealedField>> = {
  credentials: {
    title: 'Credentials (JSON)',
    hint: 'Sealed at once and never shown again: { "api_key": "..." }',
  },
  receipts: {
    title: 'Receipts (JSON)',
    hint: 'What its receipts are checked against: { "secrets": ["newest", "before"] }',
  },
  ...Object.assign({}, ...DEFINITIONS.map(({ sealed }) => sealed)),
};

/** Secret fields are always rendered empty: this page never shows one. */
export function accountFormPage(view: AccountFormView): Html {
  const { frame, account, errors } = view;
  const title = account ? `Settings of ${account.id}` : 'New provider account';
  return staffPage(
    title,
    { ...frame, current: 'providers' },
    html`<p class="trail"><a href="/providers">Providers</a></p>
<div class="title-line"><h1>${title}</h1></div>
${errors.length > 0 ? html`<p class="notice bad" role="alert">Nothing was saved: see the fields below. Secrets are not shown again, so enter them anew.</p>` : ''}
${account?.managedBy === 'file' ? html`<p class="notice doubt">PROVIDERS_FILE names this account: what is saved here holds until a worker starts.</p>` : ''}
<form class="card account-form" method="post" action="${account ? `/providers/${account.id}/settings` : '/providers/new'}">
  <input type="hidden" name="token" value="${frame.formToken}">
  ${account ? html`<p>A <strong>${account.provider}</strong> account, credentials ${credentialsMark(account)}</p>` : identity(view)}
  ${environments(view)}
  ${text(view, 'settings', 'Settings (JSON)', 'What is no secret, in snake_case: { "from": "Acme <hello@acme.example>" }')}
  ${secretsFor(account?.provider).map((name) => {
    const { title, hint } = SECRET_TEXTS[name]!;
    return text(view, name, title, account ? `${hint}. Left empty, it stays; {} takes it away.` : hint);
  })}
  ${account ? '' : html`<label class="check"><input type="checkbox" name="enabled" value="yes" ${view.shown.enabled ? html`checked` : ''}> <span>Use it at once</span></label>`}
  <div class="buttons"><button class="primary" type="submit">${account ? 'Save' : 'Create'}</button><a class="button" href="/providers">Cancel</a></div>
</form>
${known(account?.provider)}`,
  );
}

function identity(view: AccountFormView): Html {
  const { id, provider } = view.shown;
  return html`<div class="pair">
    <div class="field"><label for="id">Id</label><input id="id" name="id" class="mono" required maxlength="63" pattern="[a-z0-9][a-z0-9_\\-]*" autocomplete="off" value="${id}" ${described(view, 'id')}>${problems(view, 'id')}<span class="hint">It stands in attempts, metrics and receipt URLs, and cannot be changed later.</span></div>
    <div class="field"><label for="provider">Provider</label><select id="provider" name="provider" ${described(view, 'provider')}>${PROVIDERS.map(
      (each) => html`<option value="${each}" ${each === provider ? html`selected` : ''}>${each}</option>`,
    )}</select>${problems(view, 'provider')}</div>
  </div>`;
}

function environments(view: AccountFormView): Html {
  return html`<fieldset class="field" ${described(view, 'environments')}><legend>Environments</legend>
    ${ENVIRONMENTS.map(
      (each) =>
        html`<label class="check"><input type="checkbox" name="${each}" value="yes" ${view.shown.environments.includes(each) ? html`checked` : ''}> <span>${each}</span></label>`,
    )}${problems(view, 'environments')}<span class="hint">Keys of the test environment must reach only the simulator: never give a real account test.</span></fieldset>`;
}

function text(view: AccountFormView, name: string, title: string, hint: string): Html {
  const value = name === 'settings' ? view.shown.settings : '';
  return html`<div class="field"><label for="${name}">${title}</label><textarea id="${name}" name="${name}" class="mono" rows="${name === 'settings' ? 7 : 4}" spellcheck="false" autocomplete="off" ${described(view, name)}>${value}</textarea>${problems(view, name)}<span class="hint">${hint}</span></div>`;
}

/** An error belongs to the field whose name its path begins with; all others belong to the settings. */
const fieldOf = ({ path }: FieldError): string =>
  FIELDS.find((name) => path === name || path.startsWith(`${name}.`)) ?? 'settings';

function problems({ errors }: AccountFormView, name: string): Html | '' {
  const own = errors.filter((error) => fieldOf(error) === name);
  if (own.length === 0) return '';
  return html`<ul class="field-errors" id="${name}-errors">${own.map(
    ({ path, message }) => html`<li><code>${path}</code> ${message}</li>`,
  )}</ul>`;
}

function described({ errors }: AccountFormView, name: string): Html | '' {
  return errors.some((error) => fieldOf(error) === name)
    ? html`aria-invalid="true" aria-describedby="${name}-errors"`
    : '';
}

/** The fields of each provider; docs/providers.md explains them. */
function known(only: string | undefined): Html {
  return html`<details class="known" ${only ? html`open` : ''}><summary>What ${only ?? 'each provider'} takes</summary>
  <dl class="facts">${PROVIDERS.filter((each) => only === undefined || each === only).map((each) => {
    const { settings, credentials } = fieldsOf(each)!;
    return html`<div><dt>${each}</dt><dd class="mono">${settings.join(', ')}${credentials.length === 0 ? '' : html`<span class="under">credentials: ${credentials.join(', ')}</span>`}</dd></div>`;
  })}</dl></details>`;
}
