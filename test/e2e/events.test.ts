import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CarillonEvent, webhooks } from '../../packages/client/src/index.ts';
import { type RunningSystem, runningSystem } from '../support/running-system.ts';
import { until } from '../support/until.ts';

/**
 * The whole loop: a send, the provider's signed receipt, a signed event at an endpoint that checks it with the client.
 */
let system: RunningSystem;
let customer: Server;
let secret: string;
const events: CarillonEvent[] = [];
const refused: unknown[] = [];

beforeAll(async () => {
  customer = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await webhooks.verify(Buffer.concat(chunks), request.headers, secret).then(
      (event) => events.push(event),
      (error) => refused.push(error),
    );
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => customer.listen(0, '127.0.0.1', resolve));
  system = await runningSystem();
  const url = `http://127.0.0.1:${(customer.address() as AddressInfo).port}/hooks`;
  ({ secret } = (await system.api('POST', '/v1/webhook-endpoints', { url })).body);
}, 120_000);
afterAll(async () => {
  await system?.stop();
  customer?.close();
});

const told = (id: string) =>
  events.flatMap(({ type, data }) => ('notification_id' in data && data.notification_id === id ? type : []));

test.each([
  ['delivered', 'ok+loop@example.test', ['notification.sent', 'notification.delivered']],
  [
    'failed',
    'bounce+loop@example.test',
    ['notification.sent', 'notification.failed', 'notification.bounced'],
  ],
  [
    'delivered',
    'complain+loop@example.test',
    ['notification.sent', 'notification.delivered', 'notification.complained'],
  ],
] as const)(
  'the provider’s receipt ends the message as %s, and its app receives the event: %s',
  async (state, email, types) => {
    const content = { subject: 'Hi', text: 'Hi' };
    const id = await system.send({ to: { email }, channel: 'email', content });
    await system.becomes(id, [state]);
    await until('every event to arrive', () => types.every((type) => told(id).includes(type)), {
      timeoutMs: 15_000,
    });
    expect(told(id).sort()).toEqual([...types].sort());
    expect(refused).toEqual([]);
  },
);
