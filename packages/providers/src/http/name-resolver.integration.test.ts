import type { LookupAddress } from 'node:dns';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type NameServer, nameServer } from '../../../../test/contract/name-server.ts';
import { createNameResolver, type NameResolver, NameUnresolved } from './name-resolver.ts';

/**
 * A name server: it answers for `known.test` and for `short.search.test`, says of `missing...` that there is none,
 * fails for `broken...`, is silent otherwise.
 */
const NXDOMAIN = 3;
const SERVFAIL = 2;
let server: NameServer;
let resolver: NameResolver;

beforeAll(async () => {
  server = await nameServer((name) => {
    if (/^(known|short\.search)\.test$/.test(name)) return [192, 0, 2, 7];
    if (/^missing/.test(name)) return NXDOMAIN;
    return /^broken/.test(name) ? SERVFAIL : 'silence';
  });
  resolver = createNameResolver({
    servers: [server.at],
    deadlineMs: 1_000,
    files: () => ({ hosts: new Map([['db', ['10.0.0.7']]]), search: ['search.test'], ndots: 1 }),
  });
});
afterAll(() => server.close());

const codeOf = (name: string) =>
  resolver.resolve(name).then(
    () => 'resolved',
    (error: NameUnresolved) => `${error.code}: ${error.message}`,
  );

test.each<[string, LookupAddress[]]>([
  ['known.test', [{ address: '192.0.2.7', family: 4 }]],
  ['KNOWN.test.', [{ address: '192.0.2.7', family: 4 }]],
  ['short', [{ address: '192.0.2.7', family: 4 }]],
  ['db', [{ address: '10.0.0.7', family: 4 }]],
  ['::1', [{ address: '::1', family: 6 }]],
  [
    'localhost',
    [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ],
  ],
])('%s resolves as getaddrinfo resolves it', async (name, addresses) => {
  expect(await resolver.resolve(name)).toEqual(addresses);
});

test('the error distinguishes a name that does not exist from one without an answer of DNS', async () => {
  expect(await codeOf('missing.test')).toBe(
    'ENOTFOUND: the name missing.test did not resolve: DNS has no address for it',
  );
  expect(await codeOf('broken.test')).toBe(
    'EAI_AGAIN: the name broken.test did not resolve: DNS did not answer (ESERVFAIL)',
  );
  expect(await codeOf('silent.test')).toBe(
    'EAI_AGAIN: the name silent.test did not resolve: DNS did not answer within 1 s',
  );
});

test('names that do not resolve leave the threads of the process free, and a name is queried once at a time', async () => {
  server.questions.length = 0;
  const silent = Array.from({ length: 40 }, (_, k) => codeOf(`silent${k % 20}.test`));
  let open = true;
  const all = Promise.all(silent).finally(() => {
    open = false;
  });
  // File system calls need a thread: with getaddrinfo they would wait for the names.
  await Promise.all(Array.from({ length: 8 }, () => stat(import.meta.filename)));
  expect(await codeOf('known.test')).toBe('resolved');
  expect(open).toBe(true);
  expect(new Set(await all)).toHaveLength(20);
  expect(server.questions.filter((each) => each === 'silent1.test A').length).toBeLessThanOrEqual(2);
});

test('a connection to a name that does not resolve fails with that error', async () => {
  const socket = connect({ host: 'missing.test', port: 9, lookup: resolver.lookup });
  const error = await new Promise((resolve) => socket.on('error', resolve));
  expect(error).toBeInstanceOf(NameUnresolved);
});
