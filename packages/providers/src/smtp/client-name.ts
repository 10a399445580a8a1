import { isIP } from 'node:net';
import { hostname } from 'node:os';

/** A fully qualified name: RFC 5321, section 2.3.5, requires one that can be resolved. */
const QUALIFIED = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/i;
/** Suffixes of local-only names (RFC 6762, 6761, 8375, and those of containers and routers). */
const ONLY_HERE = /\.(local|localdomain|localhost|internal|intranet|lan|home|corp|home\.arpa|invalid|test)$/i;

/**
 * The EHLO name if the account has none: the host name if others can resolve it, else the address literal of the socket
 * (RFC 5321, section 4.1.1.1). Container names mean nothing outside.
 *
 * @param localAddress of the connected socket; undefined before there is one.
 */
export function clientName(localAddress: string | undefined, own: string = hostname()): string {
  if (QUALIFIED.test(own) && !ONLY_HERE.test(own)) return own;
  return addressLiteral(localAddress ?? '127.0.0.1');
}

/** RFC 5321, section 4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
export function addressLiteral(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 6 ? `[IPv6:${plain}]` : `[${plain}]`;
}
