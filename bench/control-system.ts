import { startNodeChild } from '@carillon/local/node-child';
import { localUrl, logFile } from '@carillon/local/programs';
import type { Running } from '@carillon/local/supervised';
import type { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import type { Contender } from './contender.ts';
import { CREATE_TABLES } from './control/database.ts';
import { type MessageJob, openQueue } from './control/queue.ts';
import type { Ground } from './ground.ts';

/** The control: bench/control in two processes, on the same PostgreSQL and Redis as Carillon. */
export interface ControlSystem extends Contender {
  queue: Queue<MessageJob>;
  /** Puts a backlog there at once; through its own API the filling alone would take minutes. */
  fill(count: number): Promise<void>;
}

const API_KEY = 'control-api-key';
const FILL_STEP = 2_000;

export async function startControl(ground: Ground): Promise<ControlSystem> {
  const database = await ground.database('control');
  const sql = postgres(database, { max: 2, onnotice: () => {} });
  await sql.unsafe(CREATE_TABLES);
  const redis = new Redis(ground.redisUrl);
  const queue = openQueue(redis);
  ground.atEnd(async () => {
    await queue.close();
    redis.disconnect();
    await sql.end({ timeout: 5 });
  });

  const [apiPort, workerPort] = [await ground.port(), await ground.port()];
  const running = new Map<string, Running>();
  const start = async (name: 'api' | 'worker', port: number) => {
    if (running.has(name)) return;
    const child = await startNodeChild({
      script: `bench/control/${name}.ts`,
      env: {
        DATABASE_URL: database,
        REDIS_URL: ground.redisUrl,
        PORT: String(port),
        API_KEY,
        PROVIDER_URL: `${ground.simulatorUrl}/generic/email`,
        NODE_ENV: 'production',
      },
      readyUrl: `${localUrl(port)}/healthz`,
      logFile: logFile(ground.layout, `control-${name}`),
    });
    running.set(name, child);
  };
  const stop = async (name: string) => {
    await running.get(name)?.stop();
    running.delete(name);
  };
  ground.atEnd(() => Promise.all([...running.keys()].map(stop)));
  await start('api', apiPort);
  await start('worker', workerPort);

  return {
    name: 'control',
    target: { url: localUrl(apiPort), shape: 'control', apiKey: API_KEY },
    queue,
    pids: () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
    startWorkers: () => start('worker', workerPort),
    stopWorkers: () => stop('worker'),
    async clear() {
      await sql`truncate messages`;
      await queue.obliterate({ force: true });
      // Obliterating also pauses the queue.
      await queue.resume();
    },
    async acceptedIds() {
      return new Set((await sql<{ id: string }[]>`select id from messages`).map(({ id }) => id));
    },
    async unfinished() {
      const [row] = await sql<[{ count: number }]>`
        select count(*)::int as count from messages where status <> 'sent'`;
      return row.count;
    },
    async fill(count) {
      for (let from = 0; from < count; from += FILL_STEP) {
        const rows = await sql<MessageJob[]>`
          insert into messages ("to", subject, text)
          select 'user' || n || '@backlog.example.com', 'Your order ' || n || ' is on its way', repeat('Hello Ada. ', 14)
          from generate_series(${from}::int, ${Math.min(from + FILL_STEP, count) - 1}::int) as n
          returning id, "to", subject, text`;
        await queue.addBulk(rows.map((row) => ({ name: 'send', data: { ...row }, opts: { jobId: row.id } })));
      }
    },
  };
}
