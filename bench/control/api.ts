import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { bearerAuth } from 'hono/bearer-auth';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { readConfig } from './config.ts';
import { messages, openDatabase } from './database.ts';
import { openQueue } from './queue.ts';

/**
 * The control's API: what a good engineer writes by hand in a day. Insert the message, queue a job, answer 202. Between
 * the two a crash loses the message, a repeated request sends twice, and a Redis that is away fails the request.
 */
const config = readConfig();
const { db } = openDatabase(config.databaseUrl);
const queue = openQueue(new Redis(config.redisUrl));

const message = z.strictObject({
  to: z.email().max(254),
  subject: z.string().min(1).max(998),
  text: z.string().min(1).max(100_000),
});
const batch = z.strictObject({ messages: z.array(message).min(1).max(1_000) });

async function accept(given: z.output<typeof message>): Promise<{ id: string; status: 'queued' }> {
  const [row] = await db.insert(messages).values(given).returning({ id: messages.id });
  const { id } = row!;
  await queue.add('send', { id, ...given }, { jobId: id });
  return { id, status: 'queued' };
}

const app = new Hono();
app.get('/healthz', (c) => c.json({ status: 'ok' }));
app.use('/messages/*', bearerAuth({ token: config.apiKey }));

app.post('/messages', async (c) => {
  const parsed = message.safeParse(await c.req.json());
  if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 422);
  return c.json(await accept(parsed.data), 202);
});

app.post('/messages/batch', async (c) => {
  const parsed = batch.safeParse(await c.req.json());
  if (!parsed.success) return c.json({ error: z.prettifyError(parsed.error) }, 422);
  return c.json({ accepted: await Promise.all(parsed.data.messages.map(accept)) }, 202);
});

serve({ fetch: app.fetch, port: config.port, hostname: '127.0.0.1' });
process.on('SIGTERM', () => process.exit(0));
