import { spawnSync } from 'node:child_process';
import type { Log } from '@carillon/core/program/log';
import type { createTransport, NodeOptions } from '@sentry/node';

/** A receiver that does not answer in this time counts as away. */
const ANSWER_MS = 5_000;
/** A process that ends of an error waits this long for its last report. */
const LAST_ANSWER_MS = 2_000;
/** Reports that wait for an answer; more are dropped. */
const MOST_WAITING = 64;

/** Sends what it reads from standard input. A process of its own can do that while this one does nothing else. */
const SEND_LAST = `
  const [url, headers, ms] = process.argv.slice(1);
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const signal = AbortSignal.timeout(Number(ms));
  await fetch(url, { method: 'POST', headers: JSON.parse(headers), body: Buffer.concat(chunks), signal });
`;

type Make = NonNullable<NodeOptions['transport']>;

/**
 * Sends reports over HTTP and never rejects for the caller. The first failure is logged, the following are not until an
 * answer arrives.
 *
 * @param create the function of the SDK, which is loaded only if it is needed.
 * @param isEnding whether the process ends as soon as control returns to Node: then sending blocks.
 */
export function errorTransport(
  create: typeof createTransport,
  log: Pick<Log, 'info' | 'warn'>,
  isEnding: () => boolean,
): Make {
  let isAway = false;
  const note = (reason: string | null): void => {
    if ((reason !== null) === isAway) return;
    isAway = reason !== null;
    if (reason === null) log.info('errors are reported again');
    else
      log.warn(
        'errors cannot be reported and are only logged: look whether SENTRY_DSN is right and its host can be reached',
        { reason },
      );
  };
  return (options) =>
    create({ ...options, bufferSize: MOST_WAITING }, async ({ body }) => {
      const headers: Record<string, string> = {
        'content-type': 'application/x-sentry-envelope',
        ...options.headers,
      };
      if (isEnding()) {
        sendAndWait(options.url, headers, body);
        return {};
      }
      try {
        const signal = AbortSignal.timeout(ANSWER_MS);
        const answer = await fetch(options.url, {
          method: 'POST',
          headers,
          body: new Uint8Array(Buffer.from(body)),
          signal,
        });
        await answer.body?.cancel();
        // 429 is an answer: the SDK waits as long as it says.
        note(answer.ok || answer.status === 429 ? null : `status ${answer.status}`);
        return {
          statusCode: answer.status,
          headers: {
            'retry-after': answer.headers.get('retry-after'),
            'x-sentry-rate-limits': answer.headers.get('x-sentry-rate-limits'),
          },
        };
      } catch (error) {
        note(reasonOf(error));
        return {};
      }
    });
}

function sendAndWait(url: string, headers: Record<string, string>, input: string | Uint8Array): void {
  const args = [
    '--input-type=module',
    '--eval',
    SEND_LAST,
    url,
    JSON.stringify(headers),
    String(LAST_ANSWER_MS),
  ];
  spawnSync(process.execPath, args, { input, timeout: LAST_ANSWER_MS, stdio: ['pipe', 'ignore', 'ignore'] });
}

/** A code or a name, not a message: that would name the URL with its key. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const { code } = (error.cause ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : error.name;
}
