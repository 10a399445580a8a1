import { ENVIRONMENTS, type Environment } from '@carillon/core/notification/environment';
import type { FieldError } from '@carillon/core/text/problem';
import { SECRET_FIELDS } from '@carillon/providers/accounts/account-encryption';
import { fieldsOf } from '@carillon/providers/accounts/form-fields';

/** The fields of a refused form that may be shown again: none that could hold a credential. */
export interface Shown {
  id: string;
  provider: string;
  environments: readonly Environment[];
  enabled: boolean;
  /** JSON. */
  settings: string;
}

export interface AccountForm {
  shown: Shown;
  /** The account in the API's format. Empty secrets are omitted. */
  words: Record<string, unknown>;
  /** Secrets to remove: their text was `{}`. */
  cleared: string[];
  /** Problems of the texts; the schema checks whether they form a valid account. */
  errors: FieldError[];
}

/** A service account's key file has 2,300 characters. */
const MAX_TEXT = 20_000;
/** These have their own form fields. */
const ELSEWHERE = ['id', 'provider', 'environments', 'enabled', ...SECRET_FIELDS];

type Field = (name: string, max: number) => string | undefined;

/** @param known identity of an existing account, which cannot be changed. */
export function readAccountForm(field: Field, known?: { id: string; provider: string }): AccountForm {
  const errors: FieldError[] = [];
  const refuse = (path: string, message: string) => errors.push({ path, message });
  const id = known?.id ?? field('id', 64) ?? '';
  const provider = known?.provider ?? field('provider', 64) ?? '';
  const environments = ENVIRONMENTS.filter((each) => field(each, 10) === 'yes');
  if (environments.length === 0) refuse('environments', 'tick one at least');

  const settings = jsonObject(field, 'settings', refuse) ?? {};
  for (const name of ELSEWHERE)
    if (name in settings)
      refuse(`settings.${name}`, 'has a field of its own in this form; leave it out here');
  const words: Record<string, unknown> = { ...settings, id, provider, environments };
  const cleared: string[] = [];
  for (const name of SECRET_FIELDS) {
    const value = jsonObject(field, name, refuse);
    if (value !== undefined && Object.keys(value).length > 0) words[name] = value;
    else {
      delete words[name];
      if (value !== undefined) cleared.push(name);
    }
  }
  const shown = { id, provider, environments, enabled: field('enabled', 10) === 'yes' };
  return { shown: { ...shown, settings: settingsShown(settings, provider) }, words, cleared, errors };
}

/** As editable JSON. Only fields that the provider defines: any other field could hold a credential. */
export function settingsShown(settings: Readonly<Record<string, unknown>>, provider: string): string {
  const fields = fieldsOf(provider)?.settings ?? [];
  const known = Object.entries(settings).filter(([name]) => fields.includes(name));
  return JSON.stringify(Object.fromEntries(known), null, 2);
}

function jsonObject(
  field: Field,
  name: string,
  refuse: (path: string, message: string) => void,
): Record<string, unknown> | undefined {
  const text = field(name, MAX_TEXT + 1);
  if (text === undefined) return undefined;
  if (text.length > MAX_TEXT) {
    refuse(name, `is longer than ${MAX_TEXT} characters; no provider needs that many`);
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    refuse(name, 'is no JSON object; write { "name": "value" }');
  } catch {
    // The parser's own message quotes the text, which may be a credential.
    refuse(name, 'is not JSON; write { "name": "value" } with double quotes and no comma after the last');
  }
  return undefined;
}
