import { Connection } from './connection.ts';
import type { Closed, LoadJob } from './job.ts';
import { requestMaker } from './requests.ts';
import { Tally } from './tally.ts';

/** Sends all messages as fast as the answers come. Requests are made beforehand, so that the window holds only sockets. */
export async function closedLoad(job: LoadJob, { count, connections, batch }: Closed): Promise<Tally> {
  const make = requestMaker(job);
  const requests: { bytes: Buffer; size: number }[] = [];
  for (let from = 0; from < count; from += batch) {
    const size = Math.min(batch, count - from);
    requests.push({ bytes: make(from, size, batch > 1), size });
  }
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(job.url)));
  const tally = new Tally();
  let next = 0;
  await Promise.all(
    open.map(async (connection) => {
      for (let request = requests[next++]; request; request = requests[next++]) {
        const at = performance.now();
        const answer = await connection.send(request.bytes);
        tally.count(answer, request.size, performance.now() - at);
      }
    }),
  );
  tally.end();
  for (const connection of open) connection.close();
  return tally;
}
