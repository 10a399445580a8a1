import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { deadlinePassed, LeaseOver } from '../call-failure.ts';
import {
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type HttpResult,
  MAX_ANSWER_BYTES,
} from '../http-client.ts';
import { type ApnsSession, type ApnsWireOptions, apnsSessions } from './apns-sessions.ts';

/**
 * One request over HTTP/2: the same promises as http-client.ts, by node:http2 itself. undici speaks HTTP/2 too, but it
 * tells neither a stream the server refused unread (certain) from one it broke off (a doubt), nor which streams a
 * GOAWAY excludes, and it sends what the server's stream limit leaves no room for to wait where nobody sees it.
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
        const seat = sessions.take(signal);
        session = seat instanceof Promise ? await seat : seat;
      } catch (error) {
        return { phase: 'started', error };
      }
      if (signal.aborted || mayWrite?.() === false) {
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

/** What an exchange tells the sessions: its stream is over (once); its session should carry no other. */
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
      // Silence from the write to the deadline: the line may be dead.
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
      // A GOAWAY is told of only after the streams it ended.
      setImmediate(() => resolve(broken(stream, session, status, failure)));
    });
  });
}

/** A stream without a whole answer: refused unread, or nobody knows. */
function broken(
  stream: ClientHttp2Stream,
  { lastStreamId }: ApnsSession,
  status: number,
  error: unknown,
): HttpResult {
  const isExcluded = stream.id === undefined || (lastStreamId !== undefined && stream.id > lastStreamId);
  // RFC 9113, section 8.7: what was refused, or lies above the last stream of a GOAWAY, was not processed at all.
  if (status === 0 && (isExcluded || stream.rstCode === constants.NGHTTP2_REFUSED_STREAM)) {
    return { phase: 'started', error: Object.assign(new Error('refused'), { code: 'REFUSED_STREAM' }) };
  }
  return { phase: 'written', error: error ?? Object.assign(new Error('reset'), { code: 'ECONNRESET' }) };
}
