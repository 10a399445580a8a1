import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from './connection.ts';
import type { LoadJob, Steady } from './job.ts';
import { requestMaker } from './requests.ts';
import { nowMs, Tally } from './tally.ts';

/**
 * Sends at fixed times, never later because an answer is slow: a request finds an idle connection or opens one, so a
 * stall of the server shows as latency and not as missing samples.
 */
export async function steadyLoad(job: LoadJob, { perSecond }: Steady, stopped: AbortSignal): Promise<Tally> {
  const make = requestMaker(job);
  const tally = new Tally();
  const idle: Connection[] = await Promise.all(Array.from({ length: 8 }, () => Connection.open(job.url)));
  const open: Promise<void>[] = [];
  const everyMs = 1_000 / perSecond;
  const begun = performance.now();
  for (let i = 0; !stopped.aborted; i++) {
    const waitMs = begun + i * everyMs - performance.now();
    if (waitMs > 0) await pause(waitMs, undefined, { signal: stopped }).catch(() => {});
    if (stopped.aborted) break;
    open.push(sendOne(make(i, 1, false)));
  }
  await Promise.all(open);
  tally.end();
  for (const connection of idle) connection.close();
  return tally;

  /** The most recently used one: older ones stay idle until they are closed. */
  function usable(): Connection | undefined {
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.usable) return connection;
      connection.close();
    }
  }

  async function sendOne(bytes: Buffer): Promise<void> {
    const connection = usable() ?? (await Connection.open(job.url));
    const atMs = nowMs();
    const answer = await connection.send(bytes);
    tally.count(answer, 1, nowMs() - atMs);
    if (answer.status === 202) tally.sent.push({ id: (JSON.parse(answer.body) as { id: string }).id, atMs });
    idle.push(connection);
  }
}
