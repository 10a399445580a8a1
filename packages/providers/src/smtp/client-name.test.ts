import { expect, test } from 'vitest';
import { clientName } from './client-name.ts';

test.each([
  ['mail.acme.example', '10.0.0.7', 'mail.acme.example'],
  ['3f2a9c1d4e5b', '172.17.0.2', '[172.17.0.2]'],
  ['worker_1.acme.example', '172.17.0.2', '[172.17.0.2]'],
  ['laptop.local', '192.168.1.5', '[192.168.1.5]'],
  ['ip-10-0-0-1.ec2.internal', '10.0.0.1', '[10.0.0.1]'],
  ['10.0.0.1', '10.0.0.1', '[10.0.0.1]'],
  ['pod', '::ffff:10.1.2.3', '[10.1.2.3]'],
  ['pod', '2001:db8::7', '[IPv6:2001:db8::7]'],
  ['pod', 'fe80::1%eth0', '[IPv6:fe80::1]'],
  ['', undefined, '[127.0.0.1]'],
])('a machine called "%s" at %s says %s in EHLO', (own, address, name) => {
  expect(clientName(address, own)).toBe(name);
});
