import { BlockList, isIP } from 'node:net';

/**
 * Which addresses a customer's URL may resolve to. Private, loopback, link-local, shared, multicast and documentation
 * networks are refused, in IPv6 also as embedded IPv4 addresses.
 * https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const PRIVATE_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const PUBLIC_V6: readonly [string, number][] = [['2000::', 3]];
const PRIVATE_V6: readonly [string, number][] = [
  // Documentation, Teredo, 6to4 and ORCHID: none is a customer's server, two embed IPv4 addresses.
  ['2001:db8::', 32],
  ['2001::', 23],
  ['2002::', 16],
  ['3fff::', 20],
];

const v4 = blockList(PRIVATE_V4, 'ipv4');
const publicV6 = blockList(PUBLIC_V6, 'ipv6');
const privateV6 = blockList(PRIVATE_V6, 'ipv6');

/** @returns false also for a text that is not an IP address. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !v4.check(address, 'ipv4');
  if (family !== 6) return false;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped) return isPublicAddress(mapped[1]!);
  return publicV6.check(address, 'ipv6') && !privateV6.check(address, 'ipv6');
}

function blockList(ranges: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [network, bits] of ranges) list.addSubnet(network, bits, family);
  return list;
}
