import { createServer, type Server } from 'node:net';
import { parseKeyRing } from '@carillon/core/notification/envelope';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type NameServer, nameServer } from '../../../../test/contract/name-server.ts';
import { createNameResolver, type NameResolver } from '../http/name-resolver.ts';
import { encryptAccount } from './account-encryption.ts';
import { AccountSettings } from './account-settings.ts';
import { verifyAccount } from './verify-account.ts';

/**
 * Users who may change accounts must not probe the internal network by `verify`, not even by a name whose address
 * changes.
 */
const RING = parseKeyRing(`test:${Buffer.alloc(32, 7).toString('base64')}`);
const PUBLIC = [93, 184, 216, 34];
const LOOPBACK = [127, 0, 0, 1];

let inside: Server;
let port: number;
let connections: number;
let dns: NameServer;
let resolver: NameResolver;

beforeEach(async () => {
  connections = 0;
  inside = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => inside.listen(0, '127.0.0.1', resolve));
  port = (inside.address() as { port: number }).port;
  // The first query (both families) gets a public address, later ones this machine.
  dns = await nameServer((name) =>
    dns.questions.filter((each) => each.startsWith(name)).length <= 2 ? PUBLIC : LOOPBACK,
  );
  resolver = createNameResolver({
    servers: [dns.at],
    files: () => ({ hosts: new Map(), search: [], ndots: 1 }),
  });
});
afterEach(() => {
  dns.close();
  inside.close();
});

const base = { id: 'a', environments: ['live'], from: 'a@acme.example' };
const at = (name: string): string => `http://${name}.rebinding.test:${port}`;
const secret = { credentials: { secret: 'sixteen characters' } };

test.each<[string, () => object]>([
  ['resend', () => ({ ...base, provider: 'resend', credentials: { apiKey: 'k' }, baseUrl: at('resend') })],
  [
    'sendgrid',
    () => ({ ...base, provider: 'sendgrid', credentials: { apiKey: 'k' }, baseUrl: at('sendgrid') }),
  ],
  [
    'ses',
    () => ({
      ...base,
      provider: 'ses',
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKIA1234', secretAccessKey: 's' },
      baseUrl: at('ses'),
    }),
  ],
  [
    'twilio',
    () => ({
      ...base,
      provider: 'twilio',
      from: '+15005550006',
      credentials: { accountSid: 'AC00000000000000000000000000000000', authToken: 't' },
      baseUrl: at('twilio'),
    }),
  ],
  [
    'generic',
    () => ({
      id: 'a',
      environments: ['live'],
      provider: 'generic',
      channel: 'sms',
      ...secret,
      url: at('generic'),
    }),
  ],
  ['smtp', () => ({ ...base, provider: 'smtp', host: 'smtp.rebinding.test', port })],
])('%s is not asked at an address within, wherever its name led when it was checked', async (_, settings) => {
  if ('problem' in RING) throw new Error(RING.problem);
  const account = AccountSettings.parse(settings());
  const row = { ...encryptAccount(RING, account), managedBy: 'api' as const };
  const verdict = await verifyAccount(RING, row as never, false, resolver);
  expect(verdict).toMatchObject({
    healthy: false,
    why: expect.stringContaining('leads to no public network'),
  });
  expect(dns.questions.length).toBeGreaterThan(2);
  expect(connections).toBe(0);
});
