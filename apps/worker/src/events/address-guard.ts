import { isIP, type LookupFunction } from 'node:net';
import { lookupOf, type NameResolver, names } from '@carillon/providers/http/name-resolver';
import { isPublicAddress } from '@carillon/providers/http/public-address';
import { AddressRefused, publicAddresses } from '@carillon/providers/http/public-reach';

/** `net.connect` looks up names only: an address in the URL is checked here. @throws AddressRefused */
export function refuseLiterals(url: string, allowPrivate: boolean): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    throw new AddressRefused(`${host} is in a private network`);
}

/**
 * For `net.connect`: resolves a name and returns only the addresses that are allowed. The check covers the very address
 * that is then connected to, so that a name which resolves differently a moment later (DNS rebinding) gains nothing.
 */
export function guardedLookup(
  allowPrivate: boolean,
  { resolve }: Pick<NameResolver, 'resolve'> = names,
): LookupFunction {
  return lookupOf((hostname) => (allowPrivate ? resolve(hostname) : publicAddresses(hostname, { resolve })));
}
