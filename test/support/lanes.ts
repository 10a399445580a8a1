import { type Database, openDatabase } from '@carillon/db/connection/client';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer, type Producer } from '@carillon/queue/producer';
import type { Redis } from 'ioredis';
import { testDatabase } from './database.ts';
import { testRedis } from './redis.ts';
import { insertApp } from './rows.ts';
import { guardTransitions } from './transition-guard.ts';
import { until } from './until.ts';

/** What tests of the relay, the pipeline and maintenance begin with: PostgreSQL, Redis, a producer and an app. */
export interface LaneBundle {
  db: Database;
  databaseUrl: string;
  redis: Redis;
  redisUrl: string;
  namespace: string;
  producer: Producer;
  appId: string;
  close(): Promise<void>;
}

export async function laneBundle(): Promise<LaneBundle> {
  const database = await testDatabase();
  const { url: redisUrl, namespace, clean } = testRedis();
  const db = openDatabase({ url: database.url, name: 'test' });
  await guardTransitions(db.sql);
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
      await db.close();
      await clean();
      await database.drop();
    },
  };
}
