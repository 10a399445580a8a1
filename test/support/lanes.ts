import { type Database, openDatabase } from '@carillon/db/connection/client';
import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { testDatabase } from './database.ts';
import { testRedis } from './redis.ts';
import { insertApp } from './rows.ts';
import { guardTransitions } from './transition-guard.ts';
import { expectTrueCounts, keepTrueCounts } from './true-counts.ts';
import { until } from './until.ts';

/** What tests of the relay, the pipeline and maintenance begin with: PostgreSQL, Redis, a producer and an app. */
export interface LaneBundle {
  db: Database;
  databaseUrl: string;
  redis: RedisClient;
  redisUrl: string;
  namespace: string;
  producer: Producer;
  appId: string;
  close(): Promise<void>;
}

/**
 * @param counts `kept`: the test itself changes states with statements, so that counts cannot agree with them. `off`:
 *   a test under load, for which the trigger per row costs too much.
 */
export async function laneBundle({
  counts = 'checked',
}: {
  counts?: 'checked' | 'kept' | 'off';
} = {}): Promise<LaneBundle> {
  const database = await testDatabase();
  const { url: redisUrl, namespace, clean } = testRedis();
  const db = openDatabase({ url: database.url, name: 'test' });
  await guardTransitions(db.sql);
  if (counts !== 'off') await keepTrueCounts(db.sql);
  const redis = producerConnection(redisUrl, 'test');
  await until('Redis to answer', () => redis.status === 'ready');
  const producer = createProducer(redis, namespace);
  const appId = await insertApp(db.sql);
  return {
    db,
    databaseUrl: database.url,
    redis,
    redisUrl,
    namespace,
    producer,
    appId,
    close: async () => {
      await producer.close();
      redis.disconnect();
      if (counts === 'checked') await expectTrueCounts(db.sql);
      await db.close();
      await clean();
      await database.drop();
    },
  };
}
