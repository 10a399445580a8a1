import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type HttpResult,
  MAX_ANSWER_BYTES,
} from '../http/http-client.ts';
import { mayWriteNow } from '../http/may-write.ts';
import { deadlinePassed, LeaseOver } from '../outcome/call-failure.ts';
import { type ApnsSession, type ApnsWireOptions, apnsSessions } from './sessions.ts';

/**
 * One request over HTTP/2: the same guarantees as http-client.ts, directly on node:http2. undici supports HTTP/2 too,
 * but it distinguishes neither a stream refused without processing (certain) from a broken one (a doubt), nor the
 * streams that a GOAWAY excludes, and it queues requests above the server's stream limit invisibly.
 */
export type ApnsWire = Pick<HttpClient, 'post' | 'close'>;

export function apnsWire(origin: string, options: ApnsWireOptions): ApnsWire {
  const sessions = apnsSessions(origin, options);
  return {
    async post(request) {
      const { signal, mayWrite } = request;
      if (signal.aborted) return { phase: 'started', error: deadlinePassed(signal) };
      let session: ApnsSession;
      try {
        const slot = sessions.take(signal);
        session = slot instanceof Promise ? await slot : slot;
      } catch (error) {
        return { phase: 'started', error };
      }
      if (signal.aborted || !(await mayWriteNow(mayWrite, signal))) {
        sessions.giveBack(session);
        return { phase: 'started', error: signal.aborted ? deadlinePassed(signal) : new LeaseOver() };
      }
      return exchange(session, request, {
        over: () => sessions.giveBack(session),
        unfit: () => sessions.retire(session),
      });
    },
    close: () => sessions.close(),
  };
}

/** Events of an exchange for its session: its stream has ended (once); the session should carry no other. */
interface Report {
  over(): void;
  unfit(): void;
}

function exchange(session: ApnsSession, request: HttpRequest, report: Report): Promise<HttpResult> {
  const { path, headers, body, signal } = request;
  return new Promise((resolve) => {
    let stream: ClientHttp2Stream;
    try {
      stream = session.h2.request({ ':method': 'POST', ':path': path, ...headers });
      stream.end(body);
    } catch (error) {
      report.unfit();
      report.over();
      return resolve({ phase: 'started', error });
    }
    const writtenAtMs = performance.now();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    let answerHeaders: HttpAnswer['headers'] = {};
    let isWhole = false;
    let failure: unknown;
    const answer = (text: string, tooLarge: boolean): void =>
      resolve({ phase: 'answered', status, headers: answerHeaders, body: text, tooLarge });

    let isOver = false;
    const over = (): void => {
      if (!isOver) report.over();
      isOver = true;
    };
    const onAbort = (): void => {
      resolve({ phase: 'written', error: deadlinePassed(signal) });
      stream.close(constants.NGHTTP2_CANCEL);
      // No data from the write to the deadline: the connection may be dead.
      if (session.heardAtMs < writtenAtMs) report.unfit();
      over();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('response', (received: IncomingHttpHeaders & { ':status'?: number }) => {
      session.heardAtMs = performance.now();
      status = received[':status'] ?? 0;
      answerHeaders = received;
    });
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_ANSWER_BYTES) return void chunks.push(chunk);
      answer('', true);
      stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('end', () => {
      isWhole = true;
    });
    stream.on('error', (error) => {
      failure = error;
    });
    stream.on('close', () => {
      signal.removeEventListener('abort', onAbort);
      over();
      if (isWhole && status > 0 && stream.rstCode === constants.NGHTTP2_NO_ERROR) {
        return answer(Buffer.concat(chunks).toString('utf8'), false);
      }
      // A GOAWAY is emitted only after the streams it ended.
      setImmediate(() => resolve(broken(stream, session, status, failure)));
    });
  });
}

/** A stream without a complete answer: refused without processing, or unknown. */
function broken(
  stream: ClientHttp2Stream,
  { lastStreamId }: ApnsSession,
  status: number,
  error: unknown,
): HttpResult {
  const isExcluded = stream.id === undefined || (lastStreamId !== undefined && stream.id > lastStreamId);
  // RFC 9113, section 8.7: a refused stream, or one above the last stream of a GOAWAY, was not processed at all.
  if (status === 0 && (isExcluded || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM)) {
    return { phase: 'started', error: Object.assign(new Error('refused'), { code: 'REFUSED_STREAM' }) };
  }
  return { phase: 'written', error: error ?? Object.assign(new Error('reset'), { code: 'ECONNRESET' }) };
}
