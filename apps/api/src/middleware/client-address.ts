import { clientAddressOf, networkOf, type TrustedProxies } from '@carillon/providers/http/client-address';
import type { Context } from 'hono';
import type { ApiEnv } from '../deps.ts';

interface Wire {
  incoming?: { socket?: { remoteAddress?: string | undefined } };
}

/**
 * The client's address according to the network and the proxies of TRUSTED_PROXIES. Determined only here.
 *
 * @returns an IPv4 address, or the /64 of an IPv6 address, which is what one customer of a network is assigned; null
 *   for a request without a socket (made in memory).
 */
export function clientAddress(c: Context<ApiEnv>, trusted: TrustedProxies | undefined): string | null {
  const address = (c.env as Wire | undefined)?.incoming?.socket?.remoteAddress;
  if (address === undefined) return null;
  return networkOf(clientAddressOf(address, c.req.header('x-forwarded-for'), trusted));
}
