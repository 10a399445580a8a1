import type { Channel } from '@carillon/core/notification/channel';
import { type Lane, laneOf } from '@carillon/core/notification/lane';
import { producerConnection } from '@carillon/queue/connection';
import { JOB_NAMES } from '@carillon/queue/job-data';
import { createProducer } from '@carillon/queue/producer';
import { until } from '../../support/until.ts';
import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * A job is an untrusted claim about work: the queue hands the same notification out again, three times at once, while
 * it is being sent and after it was sent. Held against it: the guard of the claim.
 */
export const repeatedJobs: Scenario = {
  name: 'repeated jobs',
  settleMs: 30_000,
  async play(cell) {
    // On a busy machine a slow answer must not become a doubt: those are other scenarios'.
    cell.startWorker(undefined, { SEND_TIMEOUT_MS: '20000' });
    await cell.isUp();
    const asked = await cell.ask(oneOfEach('slow'));
    const connection = producerConnection(cell.redisUrl, 'chaos');
    await until('Redis to answer', () => connection.status === 'ready');
    const producer = createProducer(connection, cell.namespace);
    const lanes = [...new Set(asked.map(({ channel }) => laneOf(channel, 'critical')))];
    const repeat = (round: string) =>
      Promise.all(
        asked.flatMap(({ id, channel }) =>
          [1, 2, 3].map((k) =>
            producer
              .queue(laneOf(channel as Channel, 'critical'))
              .add(JOB_NAMES.deliver, { v: 1, id }, { jobId: `${id}_${round}${k}` }),
          ),
        ),
      );
    const isIdle = async (lane: Lane) => {
      const { waiting, active, delayed } = await producer.depth(lane);
      return waiting + active + delayed === 0;
    };
    const allIdle = async () => (await Promise.all(lanes.map(isIdle))).every(Boolean);
    const countOf = async (states: string[]) => {
      const [row] = await cell.sql<[{ count: number }]>`
        select count(*)::int as count from notifications where state = any (${states})`;
      return row.count;
    };

    await until('all to be on their way', async () => (await countOf(['sending', 'sent'])) === asked.length);
    await repeat('while');
    await until('all to be sent', async () => (await countOf(['sent'])) === asked.length, {
      timeoutMs: 30_000,
    });
    await repeat('after');
    await until('every job to have run', allIdle, { timeoutMs: 60_000, everyMs: 100 });
    await producer.close();
    connection.disconnect();
    return {};
  },
};
