import { AsyncLocalStorage } from 'node:async_hooks';
import type { LookupAddress } from 'node:dns';
import { lookupOf, type NameResolver, names } from './name-resolver.ts';
import { isPublicAddress } from './public-address.ts';

/** The address is in a network that must not be reached from here. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
  code = 'ADDRESS_REFUSED';
}

/** @throws AddressRefused unless the name resolves to a public network; other addresses are omitted. */
export async function publicAddresses(
  hostname: string,
  { resolve }: Pick<NameResolver, 'resolve'> = names,
): Promise<LookupAddress[]> {
  const allowed = (await resolve(hostname)).filter(({ address }) => isPublicAddress(address));
  if (allowed.length === 0) throw new AddressRefused(`${hostname} leads to a private network`);
  return allowed;
}

interface Work {
  resolver: Pick<NameResolver, 'resolve'>;
  refused: boolean;
}

const publicWork = new AsyncLocalStorage<Work>();

/**
 * Runs work that connects to public networks only, with clients created inside it. The checked address is the one that
 * is then connected to, so that a name whose address changes later (DNS rebinding) has no effect. Addresses in place of
 * names are not looked up, and not checked here: see accounts/account-hosts.ts.
 *
 * @returns what the work returns, and whether a name was refused in it.
 */
export async function inPublicOnly<T>(
  work: () => Promise<T>,
  resolver: Pick<NameResolver, 'resolve'> = names,
): Promise<{ result: T; refused: boolean }> {
  const own: Work = { resolver, refused: false };
  const result = await publicWork.run(own, work);
  return { result, refused: own.refused };
}

/** True inside `inPublicOnly`. */
export const isPublicOnly = (): boolean => publicWork.getStore() !== undefined;

async function resolve(hostname: string): Promise<LookupAddress[]> {
  const work = publicWork.getStore();
  if (!work) return names.resolve(hostname);
  try {
    return await publicAddresses(hostname, work.resolver);
  } catch (error) {
    if (error instanceof AddressRefused) work.refused = true;
    throw error;
  }
}

/** The look-up function of every provider client. */
export const reach: NameResolver = { resolve, lookup: lookupOf(resolve) };
