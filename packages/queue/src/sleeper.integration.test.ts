import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { testRedis } from '../../../test/support/redis.ts';
import { until } from '../../../test/support/until.ts';
import { producerConnection, workerConnection } from './connection.ts';
import { consume } from './consumer.ts';
import { createProducer } from './producer.ts';
import { prefixOf } from './topology.ts';

const LANE = 'email-critical';
/** Less than the five seconds for which other lanes sleep. */
const PATIENCE = { timeoutMs: 4000 };

test('a critical job whose wake-up went to a process that hangs is found by another one all the same', async () => {
  const server = testRedis();
  const [hanging, working] = [
    workerConnection(server.url, `${server.namespace}-hanging`),
    workerConnection(server.url, `${server.namespace}-working`),
  ];
  const publishing = producerConnection(server.url, 'publishing');
  await until('Redis', () => [hanging, working, publishing].every(({ status }) => status === 'ready'));
  // It slept first, so Redis wakes it first; and then it does nothing.
  const swallowed = hanging.bzpopmin(`${prefixOf(LANE, server.namespace)}:${LANE}:marker`, 0);
  const handled: string[] = [];
  const consumer = consume({
    lane: LANE,
    connection: working,
    namespace: server.namespace,
    onError: () => {},
    handle: async ({ data }) => {
      if ('id' in data) handled.push(data.id);
      return { verdict: 'done' };
    },
  });
  // BullMQ names its sleeping connection after the lane. Others share this Redis: only those of this test count.
  const isAsleep = async () =>
    String(await publishing.client('LIST'))
      .split('\n')
      .filter((line) => line.includes(server.namespace) && /flags=\w*b/.test(line)).length === 2;
  await until('both to sleep', isAsleep);
  const producer = createProducer(publishing, server.namespace);
  const id = randomUUID();
  await producer.publish(LANE, { ids: [id] });
  expect((await swallowed)?.[1]).toBe('0');
  await until('the job to be handled', () => handled.includes(id), PATIENCE);
  await consumer.close();
  await producer.close();
  for (const connection of [hanging, working, publishing]) connection.disconnect();
  await server.clean();
});
