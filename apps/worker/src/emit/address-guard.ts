import { type LookupAddress, lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress } from '@carillon/providers/public-address';

/** The address leads into a network that customers' URLs must not reach. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
  code = 'ADDRESS_REFUSED';
}

/** `net.connect` looks up names only: an address in the URL is checked here. @throws AddressRefused */
export function refuseLiterals(url: string, allowPrivate: boolean): void {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && !isPublicAddress(host))
    throw new AddressRefused(`${host} is in a private network`);
}

/**
 * For `net.connect`: resolves a name and hands on only the addresses that may be connected to. The check is made on the very
 * address that is then connected to, so that a name which resolves differently a moment later (DNS rebinding) gains nothing.
 */
export function guardedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const allowed = (addresses as LookupAddress[]).filter(
        ({ address }) => allowPrivate || isPublicAddress(address),
      );
      if (allowed.length === 0)
        return callback(new AddressRefused(`${hostname} leads to a private network`), '', 0);
      if (options.all) return (callback as unknown as (e: null, all: LookupAddress[]) => void)(null, allowed);
      callback(null, allowed[0]!.address, allowed[0]!.family);
    });
  };
}
