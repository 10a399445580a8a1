import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { NOT_ASKED, verifyAccount } from '@carillon/providers/accounts/verify-account';
import type { Sql } from 'postgres';
import type { ProviderConfig } from '../config.ts';
import { error, type Finding, ok, warning } from './finding.ts';

const TIMEOUT_MS = 5_000;

/** Whether the API answers at the URL of links and receipts. */
export async function checkPublicUrl(baseUrl: string | undefined): Promise<Finding[]> {
  const check = 'public url';
  if (baseUrl === undefined || baseUrl === '')
    return [
      warning(
        check,
        'PUBLIC_BASE_URL is not set: messages get no unsubscribe links, and providers know no address for receipts',
        'Set PUBLIC_BASE_URL=https://... of the API.',
      ),
    ];
  const url = `${baseUrl.replace(/\/$/, '')}/healthz`;
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
    const text = await answer.text();
    if (answer.status === 200 && text.includes('"ok"')) return [ok(check, `${url} answers`)];
    return [
      error(
        check,
        `${url} answers ${answer.status}, not as the API does`,
        'Let PUBLIC_BASE_URL, and the proxy behind it, lead to the API without a redirect.',
      ),
    ];
  } catch (thrown) {
    const { message, cause } = thrown as Error & { cause?: Error };
    return [
      warning(
        check,
        `${url} does not answer this machine: ${cause?.message ?? message}`,
        'Ask it from outside: start the API, and look at DNS, the certificate and the proxy.',
      ),
    ];
  }
}

/** Verifies the credentials of every enabled account with its provider, one after the other. */
export async function checkProviders(sql: Sql, { ring, allowPrivate }: ProviderConfig): Promise<Finding[]> {
  const accounts = await listProviderAccounts(sql);
  const enabled = accounts.filter((account) => account.enabled);
  if (enabled.length === 0)
    return [
      warning(
        'provider accounts',
        `none is enabled (${accounts.length} in all), so nothing can be sent`,
        'Add one: "carillon-admin provider add".',
      ),
    ];
  const findings: Finding[] = [];
  for (const account of enabled) {
    const check = `provider ${account.id}`;
    const verdict = await verifyAccount(ring, account, allowPrivate);
    if (verdict.healthy) findings.push(ok(check, `${account.provider} takes its credentials`));
    else if (verdict.why === NOT_ASKED)
      findings.push(
        warning(check, verdict.why, 'Run this once more with WEBHOOKS_ALLOW_PRIVATE=true to have it asked.'),
      );
    else
      findings.push(
        error(
          check,
          verdict.why,
          `Look at its settings and credentials ("carillon-admin provider add ${account.id} --replace --file ..."), or disable it.`,
        ),
      );
  }
  return findings;
}

/** Whether there are active keys and admins. */
export async function checkPeople(sql: Sql): Promise<Finding[]> {
  const [row] = await sql<[{ keys: number; admins: number }]>`
    select (select count(*)::int from api_keys where revoked_at is null and (expires_at is null or expires_at > now())) as keys,
      (select count(distinct staff.id)::int from staff join staff_roles r on r.staff_id = staff.id
        where r.role = 'owner' and r.app_id is null and r.environment is null and staff.disabled_at is null) as admins`;
  return [
    row.keys > 0
      ? ok('api keys', `${row.keys} work`)
      : warning('api keys', 'none works', 'Make one: "carillon-admin init" or "key create".'),
    row.admins > 0
      ? ok('staff', `${row.admins} owner(s) can log in`)
      : warning(
          'staff',
          'no admin can log in to the dashboard',
          'Add one: "carillon-admin init" or "staff add".',
        ),
  ];
}
