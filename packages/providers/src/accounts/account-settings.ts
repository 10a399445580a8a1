import { z } from 'zod';
import { PROVIDERS } from '../providers.ts';

type SettingsOf<List extends readonly { settings: unknown }[]> = {
  [Index in keyof List]: List[Index]['settings'];
};

/**
 * The provider accounts of an installation, as in the file named by PROVIDERS_FILE (docs/provider-accounts.md): a JSON
 * array of these. The required fields of an account are in its provider's schema, so that a mistake is found when the
 * worker starts and not with the first message.
 */
export const AccountSettings = z.discriminatedUnion(
  'provider',
  PROVIDERS.map(({ settings }) => settings) as unknown as SettingsOf<typeof PROVIDERS>,
);
/** As in the file: defaults may be missing. */
export type AccountSettingsInput = z.input<typeof AccountSettings>;
export type AccountSettings = z.output<typeof AccountSettings>;

/**
 * Reads the accounts.
 *
 * @param source the text of the file, or its parsed JSON.
 * @returns the accounts, or every problem at once: each names the account, the field and the remedy, never a value of
 *   a credential.
 */
export function parseAccounts(source: unknown): { accounts: AccountSettings[] } | { problems: string[] } {
  let json = source;
  if (typeof source === 'string') {
    try {
      json = JSON.parse(source);
    } catch {
      return { problems: ['is not JSON: a JSON array of provider accounts is expected'] };
    }
  }
  if (!Array.isArray(json)) return { problems: ['must be a JSON array of provider accounts'] };
  const problems: string[] = [];
  const accounts: AccountSettings[] = [];
  const seen = new Set<unknown>();
  for (const [index, item] of json.entries()) {
    const parsed = AccountSettings.safeParse(item);
    const place = placeOf(item, index);
    if (parsed.success) accounts.push(parsed.data);
    else
      problems.push(
        ...parsed.error.issues.map((issue) => `${place}${pathText(issue.path)}: ${issue.message}`),
      );
    const id: unknown = item?.id;
    if (typeof id === 'string' && seen.has(id)) {
      problems.push(`${place}.id: is used twice; ids are unique over all accounts`);
    }
    seen.add(id);
  }
  return problems.length > 0 ? { problems } : { accounts };
}

function placeOf(item: unknown, index: number): string {
  const id = typeof item === 'object' && item !== null ? (item as { id?: unknown }).id : undefined;
  return typeof id === 'string' ? `accounts[${index}] (${id.slice(0, 64)})` : `accounts[${index}]`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
}
