import { serve } from '@hono/node-server';
import { type Job, Worker } from 'bullmq';
import { eq } from 'drizzle-orm';
import { Hono } from 'hono';
import { Redis } from 'ioredis';
import { readConfig } from './config.ts';
import { messages, openDatabase } from './database.ts';
import { type MessageJob, PREFIX, QUEUE } from './queue.ts';

/** The control's worker: processing, one call to the provider, sent. BullMQ repeats what throws. */
const CONCURRENCY = 50;
const TIMEOUT_MS = 10_000;

const config = readConfig();
const { db } = openDatabase(config.databaseUrl);

async function send({ data }: Job<MessageJob>): Promise<void> {
  const { id, to, subject, text } = data;
  await db.update(messages).set({ status: 'processing', updatedAt: new Date() }).where(eq(messages.id, id));
  const response = await fetch(config.providerUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': id,
      // The simulator insists on the header; it does not check the value.
      'x-carillon-signature': 'control',
    },
    body: JSON.stringify({ notification_id: id, to, subject, text }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`the provider answered ${response.status}: ${await response.text()}`);
  const { id: providerMessageId } = (await response.json()) as { id: string };
  await db
    .update(messages)
    .set({ status: 'sent', providerMessageId, updatedAt: new Date() })
    .where(eq(messages.id, id));
}

const worker = new Worker<MessageJob>(QUEUE, send, {
  connection: new Redis(config.redisUrl, { maxRetriesPerRequest: null }),
  prefix: PREFIX,
  concurrency: CONCURRENCY,
});

worker.on('failed', async (job, error) => {
  if (!job || job.attemptsMade < (job.opts.attempts ?? 1)) return;
  await db
    .update(messages)
    .set({ status: 'failed', error: error.message, updatedAt: new Date() })
    .where(eq(messages.id, job.data.id));
});
worker.on('error', (error) => console.error(error));

const health = new Hono().get('/healthz', (c) => c.json({ status: 'ok' }));
serve({ fetch: health.fetch, port: config.port, hostname: '127.0.0.1' });
process.on('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
