import type {
  Provider,
  ProviderAccount,
  ProviderField,
  PutProviderAccountRequest,
} from '@carillon/client/api-types';

/** The values of a form by the name of the field (`credentials.api_key`); texts, except of lists. */
export type FieldValues = Record<string, string | string[]>;

/** Names of fields have dots, which the library of forms takes for paths. */
export const keyOf = (name: string): string => name.replaceAll('.', '__');

/** What an account has now, for the form; secrets are never shown and begin empty. */
export function valuesOf(fields: readonly ProviderField[], account: ProviderAccount | null): FieldValues {
  return Object.fromEntries(fields.map((field) => [keyOf(field.name), initialOf(field, account)]));
}

function initialOf(
  { name, secret, type }: ProviderField,
  account: ProviderAccount | null,
): string | string[] {
  const isList = type === 'choices' || type === 'texts';
  const empty = isList ? [] : '';
  if (account === null) return name === 'environments' ? ['live'] : empty;
  if (secret) return empty;
  const all: Record<string, unknown> = {
    ...account.settings,
    environments: account.environments,
    order: account.order,
    weight: account.weight,
    rate_per_second: account.rate_per_second,
    prefixes: account.prefixes,
    channel: account.channel,
  };
  const [root, member] = name.split('.') as [string, string | undefined];
  const value =
    member === undefined ? all[root] : (all[root] as Record<string, unknown> | undefined)?.[member];
  if (value === undefined || value === null) return empty;
  return isList ? (value as unknown[]).map(String) : String(value);
}

/**
 * The body of the request. What is empty is left out; a group of secrets that is not to be replaced too, so that it stays.
 *
 * @param replaced the groups of secrets that the form gives again.
 */
export function bodyOf(
  provider: Provider,
  values: FieldValues,
  enabled: boolean,
  replaced: ReadonlySet<string>,
): PutProviderAccountRequest {
  const body: Record<string, unknown> = { provider: provider.id, enabled };
  for (const field of provider.fields) {
    const [root, member] = field.name.split('.') as [string, string | undefined];
    if (field.secret && !replaced.has(root)) continue;
    const value = read(field, values[keyOf(field.name)] ?? '');
    if (value === undefined) continue;
    if (member === undefined) body[root] = value;
    else body[root] = { ...(body[root] as object | undefined), [member]: value };
  }
  return body as PutProviderAccountRequest;
}

function read({ type, multiline }: ProviderField, given: string | string[]): unknown {
  if (Array.isArray(given)) {
    const texts = given.map((text) => text.trim()).filter((text) => text !== '');
    return texts.length === 0 ? undefined : texts;
  }
  const text = multiline ? given : given.trim();
  if (text === '') return undefined;
  if (type === 'integer' || type === 'number') return Number(text);
  return type === 'boolean' ? text === 'true' : text;
}

/** The groups of secrets of a provider: `credentials`, `receipts`, `dkim`. */
export function secretGroups(provider: Provider): { group: string; isRequired: boolean }[] {
  const groups = Map.groupBy(
    provider.fields.filter(({ secret }) => secret),
    ({ name }) => name.split('.')[0]!,
  );
  return [...groups].map(([group, fields]) => ({
    group,
    isRequired: fields.some(({ required }) => required),
  }));
}
