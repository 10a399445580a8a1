import { Redis } from 'ioredis';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from './database.ts';
import { testRedis } from './redis.ts';
import { until } from './until.ts';

describe('the servers that tests use', () => {
  let databases: TestDatabase[];
  beforeAll(async () => {
    databases = await Promise.all([testDatabase(), testDatabase(), testDatabase()]);
  });
  afterAll(async () => {
    for (const each of databases) await each.drop();
  });

  it('give each file a migrated database that no other file sees', async () => {
    const [one, other] = databases.map((each) => postgres(each.url, { max: 1 }));
    await one!`insert into apps (name) values ('mine')`;
    expect(await one!`select name from apps`).toEqual([{ name: 'mine' }]);
    expect(await other!`select name from apps`).toEqual([]);
    await Promise.all([one!.end(), other!.end()]);
  });

  it('clean exactly the keys of one namespace', async () => {
    const [mine, theirs] = [testRedis(), testRedis()];
    const redis = new Redis(mine.url);
    await redis.mset(`{x}:${mine.namespace}:a`, 1, `{x}:${theirs.namespace}:a`, 1);
    await mine.clean();
    expect(await redis.keys(`*${mine.namespace}*`)).toEqual([]);
    expect(await redis.keys(`*${theirs.namespace}*`)).toHaveLength(1);
    await theirs.clean();
    redis.disconnect();
  });

  it('never evict a key', async () => {
    const redis = new Redis(testRedis().url);
    expect(await redis.config('GET', 'maxmemory-policy')).toContain('noeviction');
    redis.disconnect();
  });
});

describe('until', () => {
  it('says what it waited for and what it last saw when the time is up', async () => {
    await expect(until('the bell to ring', () => 0, { timeoutMs: 30 })).rejects.toThrow(
      'waited 30 ms for the bell to ring; the last answer was 0',
    );
  });
});
