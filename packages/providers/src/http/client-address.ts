import { BlockList, isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

/** Trusted proxies, whose `X-Forwarded-For` is accepted. */
export type TrustedProxies = BlockList;

/** The setting of programs that limit by address and may run behind a proxy. */
export function trustedProxies() {
  return z
    .string()
    .transform((text, context): TrustedProxies => {
      const list = parseTrustedProxies(text);
      if (!('problem' in list)) return list;
      context.addIssue({ code: 'custom', message: list.problem });
      return z.NEVER;
    })
    .optional()
    .describe(
      'proxies whose X-Forwarded-For is believed, comma-separated addresses or networks such as 10.0.0.5,fd00::/8; without it the header counts for nothing.',
    );
}

/**
 * @param text addresses and networks in CIDR notation, comma-separated.
 * @returns the list, or the fault of the text. Trusting all addresses is refused: any client could then forge its
 * address.
 */
export function parseTrustedProxies(text: string): TrustedProxies | { problem: string } {
  const list = new BlockList();
  for (const part of text.split(',').map((each) => each.trim())) {
    const [address = '', bits, ...rest] = part.split('/');
    const family = isIP(address);
    const most = family === 4 ? 32 : 128;
    const wrong = family === 0 || rest.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits));
    const length = bits === undefined ? most : Number(bits);
    if (wrong || length < 1 || length > most)
      return {
        problem: `has "${part.slice(0, 50)}", which is no address or network such as 10.0.0.5, 10.0.0.0/8 or fd00::/8 (the length from 1 to 32, IPv6 128)`,
      };
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** A longer chain is not legitimate; the rest of it is not read. */
const MOST_HOPS = 32;

/**
 * The client's address, as far as it can be known: the address at the other end of the socket, or, where that is a
 * trusted proxy's, the rightmost address of `X-Forwarded-For` that is not. Entries further left were written by the
 * caller.
 *
 * @param socketAddress as returned by a socket.
 * @param forwardedFor the header, several joined with commas.
 * @returns an address without zone and port, a mapped IPv4 one in IPv4 form.
 */
export function clientAddressOf(
  socketAddress: string,
  forwardedFor: string | undefined,
  trusted: TrustedProxies | undefined,
): string {
  let client = plain(socketAddress);
  if (trusted === undefined || forwardedFor === undefined || !includes(trusted, client)) return client;
  for (const hop of forwardedFor.split(',').slice(-MOST_HOPS).reverse()) {
    const address = plain(withoutPort(hop.trim()));
    // An entry that is not an address ends the trusted part.
    if (isIP(address) === 0) return client;
    client = address;
    if (!includes(trusted, address)) return client;
  }
  return client;
}

/**
 * The address range of one network customer, for limits by address.
 *
 * @param address as returned by a socket, with its zone (`fe80::1%eth0`) or mapped (`::ffff:192.0.2.1`).
 * @returns an IPv4 address unchanged, of an IPv6 address its /64 (RFC 6177).
 */
export function networkOf(address: string): string {
  const bare = plain(address);
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill('0');
  const groups = [...before, ...zeros, ...after].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function plain(address: string): string {
  const [bare = ''] = address.split('%');
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare;
}

/** Some proxies write `192.0.2.1:4711`, `[2001:db8::1]:4711` or `"[2001:db8::1]"`. */
function withoutPort(hop: string): string {
  const text = hop.replace(/^"|"$/g, '');
  return /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? text;
}

const includes = (list: BlockList, address: string): boolean =>
  isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
