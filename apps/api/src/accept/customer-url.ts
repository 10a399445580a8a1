import { isIP } from 'node:net';
import { isPublicAddress } from '@carillon/providers/public-address';

/**
 * What can be seen of an address that a customer wants called, before it is called: https, no user name, no private network.
 * Where its name leads is checked at every call.
 *
 * @returns what is wrong, to follow the field's name; null if nothing is.
 */
export function customerUrlProblem(url: string, allowPrivate: boolean): string | null {
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'carries a user name or password; leave them out';
  if (allowPrivate) return null;
  if (protocol !== 'https:') return `uses ${protocol.slice(0, -1)}; only https is called`;
  const host = hostname.replace(/^\[|\]$/g, '');
  const literal = isIP(host) !== 0;
  if ((literal && !isPublicAddress(host)) || /(^|\.)(localhost|local|internal)$/i.test(host))
    return `leads to a private network (${host}); use an address that the internet reaches`;
  return null;
}
