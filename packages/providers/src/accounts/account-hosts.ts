import { type NameResolver, names } from '../http/name-resolver.ts';
import { isPublicAddress } from '../http/public-address.ts';
import type { AccountSettings } from './account-settings.ts';

/**
 * Checks that every address in an account's settings is in a public network. Without one the provider's own is called,
 * which is public.
 *
 * @param signal ends the look-ups; unresolved names count as not public.
 * @returns the first host that is not public or does not resolve; undefined if there is none.
 */
export async function hostOutsideOfPublic(
  account: AccountSettings,
  signal: AbortSignal,
  resolver: Pick<NameResolver, 'resolve'> = names,
): Promise<string | undefined> {
  for (const host of hostsOf(account)) if (!(await isPublic(host, signal, resolver))) return host;
  return undefined;
}

function hostsOf(account: AccountSettings): string[] {
  const { baseUrl, url, host } = account as { baseUrl?: string; url?: string; host?: string };
  const tokenUrl = account.provider === 'fcm' ? account.credentials.token_uri : undefined;
  const urls = [baseUrl, url, tokenUrl].flatMap((each) =>
    each === undefined ? [] : [new URL(each).hostname],
  );
  return [...urls, ...(host === undefined ? [] : [host])].map((each) => each.replace(/^\[|\]$/g, ''));
}

async function isPublic(
  host: string,
  signal: AbortSignal,
  resolver: Pick<NameResolver, 'resolve'>,
): Promise<boolean> {
  const over = new Promise<null>((done) =>
    signal.addEventListener('abort', () => done(null), { once: true }),
  );
  const found = await Promise.race([resolver.resolve(host).catch(() => null), over]);
  return found !== null && found.length > 0 && found.every(({ address }) => isPublicAddress(address));
}
