import { OwnError } from '@carillon/core/program/own-error';
import type { NotAccepted, Phase } from '@carillon/core/provider/outcome';

/**
 * The outcome of a call without an answer. Before anything was written the provider cannot have accepted (`transient`);
 * afterwards it is unknown (`in_doubt`). The phase comes from the transport, else from the kind of error; an unknown
 * error counts as written, because a doubt costs a check and a wrong certainty costs a duplicate.
 */
const BEFORE_ANYTHING_WAS_WRITTEN: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection_refused',
  ENOTFOUND: 'dns_failed',
  EAI_AGAIN: 'dns_failed',
  EDNS: 'dns_failed',
  ETLS: 'tls_failed',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  UND_ERR_CONNECT_TIMEOUT: 'connect_timeout',
  CONNECT_TIMEOUT: 'connect_timeout',
  GREETING_TIMEOUT: 'greeting_timeout',
  CERT_HAS_EXPIRED: 'tls_failed',
  CERT_NOT_YET_VALID: 'tls_failed',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls_failed',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls_failed',
  UNABLE_TO_GET_ISSUER_CERT: 'tls_failed',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls_failed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls_failed',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls_failed',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'tls_failed',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls_failed',
  REFUSED_STREAM: 'stream_refused',
};

/** These say nothing about how far the call got: they happen while connecting and while waiting for the answer. */
const AT_ANY_TIME: Readonly<Record<string, string>> = {
  ECONNRESET: 'connection_reset',
  ECONNABORTED: 'connection_reset',
  // nodemailer's "Connection closed unexpectedly"
  ECONNECTION: 'connection_reset',
  EPIPE: 'connection_reset',
  UND_ERR_SOCKET: 'connection_reset',
  EPROTO: 'tls_failed',
  ETIMEDOUT: 'timeout',
  TimeoutError: 'timeout',
  AbortError: 'timeout',
  UND_ERR_ABORTED: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'invalid_answer',
  UND_ERR_HEADERS_OVERFLOW: 'invalid_answer',
  HTTPParserError: 'invalid_answer',
  ERR_HTTP2_ERROR: 'invalid_answer',
  ERR_HTTP2_GOAWAY_SESSION: 'connection_reset',
  ERR_HTTP2_INVALID_SESSION: 'connection_reset',
  ERR_HTTP2_SESSION_ERROR: 'connection_reset',
  ERR_HTTP2_STREAM_CANCEL: 'connection_reset',
  ERR_HTTP2_STREAM_ERROR: 'connection_reset',
  LeaseOver: 'lease_over',
};

const WORDS: Readonly<Record<string, string>> = {
  connection_refused: 'the connection was refused',
  dns_failed: 'its host name could not be resolved',
  unreachable: 'its host is unreachable',
  connect_timeout: 'the connection took too long to open',
  greeting_timeout: 'the server did not greet in time',
  tls_failed: 'the TLS handshake failed',
  connection_reset: 'the connection broke',
  timeout: 'the deadline passed',
  stream_refused: 'the request was refused unread',
  lease_over: 'the lease of this attempt had run out',
  invalid_answer: 'the answer was malformed',
  connection_failed: 'the connection failed',
};

/**
 * @param provider named in the readable message.
 * @param error what was thrown; its `cause` chain and the errors of an AggregateError are walked.
 * @param phase how far the call got, if the transport recorded it; otherwise derived from the error.
 */
export function failureOutcome(
  provider: string,
  error: unknown,
  phase?: Exclude<Phase, 'answered'>,
): NotAccepted {
  const names = namesOf(error);
  const early = names.find((name) => Object.hasOwn(BEFORE_ANYTHING_WAS_WRITTEN, name));
  const reached = phase ?? (early === undefined ? 'written' : 'started');
  const code =
    (early && BEFORE_ANYTHING_WAS_WRITTEN[early]) ??
    names.map(codeAtAnyTime).find((found) => found !== undefined) ??
    'connection_failed';
  const why = WORDS[code] ?? 'the connection failed';
  // An expired lease is internal and says nothing about the provider.
  const about = code === 'lease_over' ? {} : ({ about: 'connection' } as const);
  return reached === 'started'
    ? { class: 'transient', ...about, code, phase: 'started', message: `${provider} got nothing: ${why}.` }
    : {
        class: 'in_doubt',
        ...about,
        code,
        phase: 'written',
        message: `${provider} may have the message: ${why} after the request was sent.`,
      };
}

/** The error of a call at its deadline, whatever the reason of its signal. */
export function deadlinePassed(signal: AbortSignal): Error {
  const error = new Error('the deadline passed', { cause: signal.reason });
  error.name = 'TimeoutError';
  return error;
}

/** The lease expired before the request was written: another worker may already be settling this attempt. */
export class LeaseOver extends OwnError {
  override name = 'LeaseOver';
}

function codeAtAnyTime(name: string): string | undefined {
  if (Object.hasOwn(AT_ANY_TIME, name)) return AT_ANY_TIME[name];
  if (name.startsWith('HPE_')) return 'invalid_answer';
  return name.startsWith('ERR_SSL_') || name.startsWith('ERR_TLS_') ? 'tls_failed' : undefined;
}

/** Codes and names along the chain of causes, outermost first. Bounded: causes can be circular. */
function namesOf(error: unknown): string[] {
  const names: string[] = [];
  const queue: unknown[] = [error];
  for (let seen = 0; seen < 16 && queue.length > 0; seen++) {
    const current = queue.shift();
    if (typeof current !== 'object' || current === null) continue;
    const { code, originalCode, timeoutType, name, cause, errors } = current as Record<string, unknown>;
    // nodemailer reports in `timeoutType` which of its timeouts passed.
    for (const text of [timeoutType, originalCode, code, name])
      if (typeof text === 'string') names.push(text);
    if (Array.isArray(errors)) queue.push(...errors);
    if (cause !== undefined) queue.push(cause);
  }
  return names;
}
