import { expect, test } from 'vitest';
import { parseRedisAddress, type RedisAddress, whereIs } from './redis-address.ts';

const PASSWORD = '5f2c8f0e6a1b4c7d9e3f';
const [A, B] = [
  { host: 'a', port: 6379 },
  { host: 'b.internal', port: 7000 },
];

test.each<[string, RedisAddress]>([
  ['redis://a', { kind: 'single', url: 'redis://a', hosts: [A] }],
  ['rediss://u:p@a:6379/3', { kind: 'single', url: 'rediss://u:p@a:6379/3', hosts: [A] }],
  ['redis://[::1]:6380', { kind: 'single', url: 'redis://[::1]:6380', hosts: [{ host: '::1', port: 6380 }] }],
  ['redis://a,b.internal:7000', { kind: 'cluster', tls: false, hosts: [A, B] }],
  ['redis://a,b.internal:7000/0', { kind: 'cluster', tls: false, hosts: [A, B] }],
  ['redis+cluster://a', { kind: 'cluster', tls: false, hosts: [A] }],
  [
    `rediss://app:p%40ss@word@a,b.internal:7000`,
    { kind: 'cluster', tls: true, hosts: [A, B], user: 'app', password: 'p@ss@word' },
  ],
  [
    'redis+sentinel://a:26379/mymaster',
    { kind: 'sentinel', tls: false, hosts: [{ host: 'a', port: 26379 }], master: 'mymaster', database: 0 },
  ],
  [
    `rediss+sentinel://:${PASSWORD}@[::1],b:1/my%20master/2?sentinel_password=s%26t&sentinel_user=w`,
    {
      kind: 'sentinel',
      tls: true,
      hosts: [
        { host: '::1', port: 26379 },
        { host: 'b', port: 1 },
      ],
      master: 'my master',
      database: 2,
      password: PASSWORD,
      sentinelUser: 'w',
      sentinelPassword: 's&t',
    },
  ],
])('%s is understood', (text, address) => {
  expect(parseRedisAddress(text)).toEqual(address);
});

test.each([
  ['', /must be a URL that starts with redis:\/\//],
  ['http://a', /must be a URL that starts with/],
  ['a:6379,b:6379', /must be a URL that starts with/],
  ['redis://a:6379,rediss://b:6379', /names a scheme twice/],
  ['redis://a,redis+sentinel://b/m', /names a scheme twice/],
  ['redis://a,,b', /has "" where host:port is expected/],
  ['redis://a:6379,b:99999', /has "b:99999" where host:port/],
  ['redis://a:0,b', /has "a:0" where/],
  ['redis://a b,c', /has "a b" where/],
  ['redis://a,b/2', /database 2: a Redis Cluster has only database 0, so leave "\/2" out/],
  ['redis://a:26379,b:26379/mymaster', /for Sentinels begin with redis\+sentinel:\/\//],
  ['redis+sentinel://a,b', /names Sentinels and no master: end it with its name/],
  ['redis+sentinel://a,b/m/x', /has "\/m\/x" where/],
  ['redis+sentinel://a,b/m?sentinelPassword=x', /has the parameter "sentinelPassword"/],
])('%j is refused with the remedy', (text, problem) => {
  expect(parseRedisAddress(text)).toEqual({ problem: expect.stringMatching(problem) });
});

test('an address is shown without its user and its passwords', () => {
  const shown = [
    `redis://u:${PASSWORD}@a,b.internal:7000`,
    `redis+sentinel://u:${PASSWORD}@a,[::1]:7/m?sentinel_password=${PASSWORD}`,
    `rediss://u:${PASSWORD}@a`,
  ].map((text) => whereIs(parseRedisAddress(text) as RedisAddress));
  expect(shown).toEqual([
    'redis://a:6379,b.internal:7000',
    'redis+sentinel://a:26379,[::1]:7/m',
    'redis://a:6379',
  ]);
});
