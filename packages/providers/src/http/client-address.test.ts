import { expect, test } from 'vitest';
import {
  clientAddressOf,
  networkOf,
  parseTrustedProxies,
  type TrustedProxies,
  trustedProxies,
} from './client-address.ts';

const trusting = (text: string): TrustedProxies => {
  const list = parseTrustedProxies(text);
  if ('problem' in list) throw new Error(list.problem);
  return list;
};
const PROXIES = trusting('10.0.0.5, 192.168.0.0/16, fd00::/8');

test.each<[string, string, string | undefined, string]>([
  ['a stranger who writes the header is himself', '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  ['a proxy tells who called', '10.0.0.5', '198.51.100.1', '198.51.100.1'],
  ['what the caller wrote before it does not count', '10.0.0.5', '1.1.1.1, 198.51.100.1', '198.51.100.1'],
  ['several proxies are passed over', '10.0.0.5', '1.1.1.1, 198.51.100.1, 192.168.7.7', '198.51.100.1'],
  [
    'an address like a proxy, written by the caller, ends nothing',
    '10.0.0.5',
    '10.0.0.5, 8.8.8.8',
    '8.8.8.8',
  ],
  ['only proxies: the farthest', '10.0.0.5', '192.168.1.1, 192.168.1.2', '192.168.1.1'],
  ['no header: the proxy', '10.0.0.5', undefined, '10.0.0.5'],
  ['an empty header: the proxy', '10.0.0.5', '', '10.0.0.5'],
  ['rubbish: the proxy', '10.0.0.5', '198.51.100.1, unknown', '10.0.0.5'],
  ['rubbish before a proxy: that proxy', '10.0.0.5', 'a.example, 192.168.1.2', '192.168.1.2'],
  ['ports and brackets', '10.0.0.5', '198.51.100.1:4711', '198.51.100.1'],
  ['IPv6 in brackets', 'fd00::1', '"[2001:db8::9]:80"', '2001:db8::9'],
  ['a mapped socket address', '::ffff:10.0.0.5', '::ffff:198.51.100.1', '198.51.100.1'],
  ['a zone', 'fe80::1%eth0', '1.1.1.1', 'fe80::1'],
  ['another address of the same kind is no proxy', '10.0.0.6', '1.1.1.1', '10.0.0.6'],
])('%s', (_, socket, header, client) => {
  expect(clientAddressOf(socket, header, PROXIES)).toBe(client);
});

test('without a trusted proxy the header is ignored', () => {
  expect(clientAddressOf('10.0.0.5', '198.51.100.1', undefined)).toBe('10.0.0.5');
});

test.each([
  '',
  '10.0.0.0/33',
  '0.0.0.0/0',
  '::/0',
  'fd00::/129',
  '10.0.0.5/',
  'proxy.example',
  '10.0.0.5/8/8',
])('"%s" is no list of proxies, and the setting says what is', (text) => {
  expect(parseTrustedProxies(text)).toEqual({ problem: expect.stringContaining('10.0.0.0/8') });
  expect(trustedProxies().safeParse(text).success).toBe(false);
});

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('a customer of a network has %s as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
