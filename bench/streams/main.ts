import { Agent, get, type IncomingMessage } from 'node:http';
import type { StreamsAnswer, StreamsOrder } from './order.ts';

/**
 * The clients of open streams as a process: what a thousand browsers do with events is not done by what is measured.
 * It keeps when each message came, by its id.
 */
const open: IncomingMessage[] = [];
let arrivals: StreamsAnswer['arrivals'] = [];
const agent = new Agent({ keepAlive: false, maxSockets: Number.POSITIVE_INFINITY });

const answer = (given: Partial<StreamsAnswer>): void =>
  void process.send!({ open: open.length, arrivals: [], ...given } satisfies StreamsAnswer);

process.on('message', async (order: StreamsOrder) => {
  if (order.do === 'open') {
    for (const token of order.tokens) open.push(await follow(order.url, token));
    return answer({});
  }
  if (order.do === 'close') {
    for (const stream of open.splice(0)) stream.destroy();
    return answer({});
  }
  answer({ arrivals });
  arrivals = [];
});
process.on('disconnect', () => process.exit(0));

/** Resolves at the first counts: then it is served like any other. */
function follow(url: string, token: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(
      `${url}/v1/inbox/stream`,
      { agent, headers: { authorization: `Bearer ${token}` } },
      (stream) => {
        if (stream.statusCode !== 200) return reject(new Error(`a stream was answered ${stream.statusCode}`));
        let text = '';
        stream.setEncoding('utf8');
        stream.on('error', () => {});
        stream.on('data', (part: string) => {
          text += part;
          const end = text.lastIndexOf('\n\n');
          if (end < 0) return;
          const atMs = performance.timeOrigin + performance.now();
          for (const block of text.slice(0, end).split('\n\n')) {
            if (block.startsWith('event: counts')) resolve(stream);
            if (!block.startsWith('event: message')) continue;
            const { id, created_at } = JSON.parse(block.slice(block.indexOf('data: ') + 6));
            arrivals.push({ id, atMs, storedAtMs: Date.parse(created_at) });
          }
          text = text.slice(end + 2);
        });
      },
    );
    request.on('error', reject);
  });
}
