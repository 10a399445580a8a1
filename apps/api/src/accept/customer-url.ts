import { isIP } from 'node:net';
import { isPublicAddress } from '@carillon/providers/http/public-address';

/**
 * Checks a customer's URL before it is called: https, no user name, no private network. The addresses its host name
 * resolves to are checked at every call.
 *
 * @returns the problem, worded to follow the field's name; null if there is none.
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
