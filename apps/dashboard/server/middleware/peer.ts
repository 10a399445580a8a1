import { clientAddressOf, networkOf, type TrustedProxies } from '@carillon/providers/http/client-address';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';

/**
 * The network address of the browser: of the socket, or what trusted proxies say in `X-Forwarded-For`. A header that
 * the browser sent itself counts for nothing.
 */
export function peerOf(c: Context, trusted: TrustedProxies | undefined): string {
  const isServed = (c.env as { incoming?: unknown } | undefined)?.incoming !== undefined;
  const socket = isServed ? getConnInfo(c).remote.address : undefined;
  if (socket === undefined) return 'unknown';
  return networkOf(clientAddressOf(socket, c.req.header('x-forwarded-for'), trusted));
}
