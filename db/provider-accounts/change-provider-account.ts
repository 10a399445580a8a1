import { beforeChange } from '@carillon/core/access/audited-change';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import { type ProviderAccountRow, providerAccountColumns } from './provider-accounts.ts';

/** All of an account but its times. */
export type AccountToPut = Omit<ProviderAccountRow, 'createdAt' | 'updatedAt'>;

/**
 * Creates or changes a provider account, made from what it is at that moment: changes of one account come one after the
 * other, so that of two at once (its weight, its credentials) none undoes the other. An unchanged result writes
 * nothing, so that workers do not rebuild their adapters for it.
 *
 * @param change gets the account under its lock, null if there is none, and returns the new one; null leaves it. Pure
 *   and quick; an exception ends the change.
 * @param actor `key:<key id>`, `staff:<e-mail>` or `system:worker`.
 * @returns the account, and whether it was created; null if it was left.
 */
export async function changeProviderAccount(
  sql: Sql,
  id: string,
  change: (before: ProviderAccountRow | null) => AccountToPut | null,
  actor: string,
): Promise<{ account: ProviderAccountRow; created: boolean } | null> {
  return sql.begin(async (tx) => {
    // A missing row cannot be locked: of two that create it, the second must see the result of the first.
    await tx`select pg_advisory_xact_lock(hashtext('carillon.provider_accounts'), hashtext(${id}))`;
    const [before] = await tx<ProviderAccountRow[]>`
      select ${providerAccountColumns(sql)} from provider_accounts where id = ${id} for update`;
    const account = change(before ?? null);
    if (account === null) return null;
    if (before && same(before, account)) return { account: before, created: false };
    const [row] = await tx<[ProviderAccountRow]>`
      insert into provider_accounts (id, provider, channel, environments, enabled, position, weight, rate_per_second, prefixes,
        settings, credentials, data_key, key_id, fingerprint, managed_by)
      values (${account.id}, ${account.provider}, ${account.channel}, ${account.environments}, ${account.enabled},
        ${account.position}, ${account.weight}, ${account.ratePerSecond}, ${account.prefixes},
        ${JSON.stringify(account.settings)}::text::jsonb, ${account.credentials}, ${account.dataKey}, ${account.keyId},
        ${account.fingerprint}, ${account.managedBy})
      on conflict (id) do update set
        provider = excluded.provider, channel = excluded.channel, environments = excluded.environments,
        enabled = excluded.enabled, position = excluded.position, weight = excluded.weight,
        rate_per_second = excluded.rate_per_second, prefixes = excluded.prefixes, settings = excluded.settings,
        credentials = excluded.credentials, data_key = excluded.data_key, key_id = excluded.key_id,
        fingerprint = excluded.fingerprint, managed_by = excluded.managed_by, updated_at = clock_timestamp()
      returning ${providerAccountColumns(sql)}`;
    await audit(tx, {
      // It affects every app of the installation, so the audit entry names no app.
      appId: null,
      actor,
      action: 'provider_account.put',
      subject: `provider_account:${account.id}`,
      detail: {
        ...audited(account),
        ...beforeChange(before && audited(before), audited(account)),
        credentials_changed: before?.fingerprint !== account.fingerprint,
      },
    });
    return { account: row, created: before === undefined };
  });
}

/** What the audit log says of an account. */
const audited = (account: AccountToPut) => ({
  provider: account.provider,
  enabled: account.enabled,
  environments: account.environments,
  order: account.position,
  weight: account.weight,
  rate_per_second: account.ratePerSecond,
});

/** Two seals of one secret differ in every byte; the fingerprint shows whether they are equal. */
function same(before: ProviderAccountRow, account: AccountToPut): boolean {
  const plain = ({
    id,
    provider,
    channel,
    environments,
    enabled,
    position,
    weight,
    ratePerSecond,
    prefixes,
    settings,
    fingerprint,
    managedBy,
  }: AccountToPut) =>
    JSON.stringify([
      id,
      provider,
      channel,
      environments,
      enabled,
      position,
      weight,
      ratePerSecond,
      prefixes,
      sorted(settings),
      fingerprint,
      managedBy,
    ]);
  return plain(before) === plain(account);
}

/** jsonb does not keep the order of keys. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
