import { afterEach, beforeEach, expect, test } from 'vitest';
import { type AnsweringSmtp, answeringSmtp } from '../contract/answering-smtp.ts';
import { type ApiUnderTest, apiUnderTest } from '../support/api.ts';
import { type LaneBundle, laneBundle } from '../support/lanes.ts';
import { stateOf } from '../support/rows.ts';
import { type TcpProxy, tcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { type WorkerProcess, workerProcess } from '../support/worker-process.ts';
import { TEN_MINUTES_MS, wrongClock } from '../support/wrong-clock.ts';

/** A worker decides about `expires_at` and due times by PostgreSQL's clock, however wrong its own is. */
/** A worker takes long to start on a busy machine. */
const PATIENCE_MS = 180_000;

let bundle: LaneBundle;
let api: ApiUnderTest;
let smtp: AnsweringSmtp;
let line: TcpProxy;
let worker: WorkerProcess;

beforeEach(async () => {
  bundle = await laneBundle();
  api = await apiUnderTest(bundle.databaseUrl);
  smtp = await answeringSmtp();
  line = await tcpProxy(smtp.port);
});
afterEach(async () => {
  await worker?.stop();
  await line.close();
  await smtp.close();
  await api.close();
  await bundle.close();
});

async function start(shiftMs: number): Promise<void> {
  const account = {
    id: 'smtp',
    provider: 'smtp',
    environments: ['live'],
    host: '127.0.0.1',
    port: line.port,
    from: 'us@example.test',
  };
  worker = await workerProcess(bundle, [account], ['critical'], wrongClock(shiftMs));
}

async function send(to: string, more: object): Promise<string> {
  const content = { subject: 'Your code', text: '918273' };
  const request = { to: { email: `${to}@example.test` }, channel: 'email', priority: 'critical', content };
  const answer = await api.request('POST', '/v1/notifications', { ...request, ...more });
  expect(answer.status).toBe(202);
  return answer.body.id;
}
const becomes = (id: string, state: string) =>
  until(`it to become ${state}`, async () => (await stateOf(api.db.sql, id)).state === state, {
    timeoutMs: 60_000,
  });
const refusedClaims = async (): Promise<number> => {
  const [row] = await api.db.sql<[{ calls: number }]>`
    select xact_commit::int as calls from pg_stat_database where datname = current_database()`;
  return row.calls;
};

test.each([TEN_MINUTES_MS, -TEN_MINUTES_MS])(
  'by a clock that is %d ms wrong nothing expires early, and what is planned goes at its time without a busy loop',
  async (shiftMs) => {
    await start(shiftMs);
    const code = await send('code', { ttl_seconds: 300 });
    await becomes(code, 'sent');
    const sendAt = Date.now() + 5_000;
    const planned = await send('planned', { send_at: new Date(sendAt).toISOString(), ttl_seconds: 300 });
    const before = await refusedClaims();
    const began = Date.now();
    await becomes(planned, 'sent');
    const [row] = await api.db.sql<[{ at: Date }]>`
      select started_at as at from delivery_attempts where notification_id = ${planned}`;
    expect(row.at.getTime()).toBeGreaterThan(sendAt - 500);
    // An idle worker commits some fifty times a second; one that takes the job again and again 600 times.
    const perSecond = ((await refusedClaims()) - before) / ((Date.now() - began) / 1000);
    expect(perSecond).toBeLessThan(300);
  },
  PATIENCE_MS,
);

test(
  'by a clock that is slow nothing is sent after expires_at',
  async () => {
    await start(-TEN_MINUTES_MS);
    line.freeze();
    const id = await send('late', { ttl_seconds: 2 });
    const isTooLate = async () => {
      const [row] = await api.db.sql<[{ late: boolean; state: string }]>`
      select expires_at <= now() as late, state from notifications where id = ${id}`;
      return row.late && row.state === 'sending';
    };
    await until('it to be too late, with its call waiting for a connection', isTooLate);
    await line.restore();
    await becomes(id, 'expired');
    expect(smtp.letters).toEqual([]);
  },
  PATIENCE_MS,
);
