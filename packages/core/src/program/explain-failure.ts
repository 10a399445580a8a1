import { ConfigError } from './config.ts';
import { OwnError } from './own-error.ts';
import { scrub } from './scrub.ts';

/**
 * Turns failures that an operator can fix into one sentence: what failed, where, and what to do. This is the only
 * source of these sentences; start errors, outage logs and readiness all use it. Never a stack trace, never a password.
 */
export interface FailureContext {
  /** What was used, as the beginning of a sentence: `PostgreSQL`, `Redis`, `the API`. */
  what: string;
  /** The setting that named it, such as `DATABASE_URL`. */
  setting?: string;
  /** The URL of that setting, or `host:port` of a listener; credentials are never shown. */
  at?: string;
}

export interface ExplainedFailure {
  /** The error kind: a SQLSTATE, a Node error code, or the first word of a Redis error. */
  code: string;
  sentence: string;
}

interface Facts {
  what: string;
  /** ` at host:port`, or nothing. */
  at: string;
  /** `DATABASE_URL`, or a description of it. */
  setting: string;
  host: string;
  user: string;
  database: string;
  /** The URL names one, for PostgreSQL. */
  hasClientCertificate: boolean;
  path: string;
  /** ` (what the server said)`, or nothing. */
  words: string;
}
type Sentence = (facts: Facts) => string;

const refused: Sentence = ({ what, at, setting }) =>
  `${what}${at} refuses connections: start it, or correct host and port in ${setting}.`;
const unknownHost: Sentence = ({ what, host, setting }) =>
  `${what} cannot be found: no address is known for the host${host ? ` "${host}"` : ''}. Correct the host in ${setting}, or the name service.`;
const unreachable: Sentence = ({ what, at, setting }) =>
  `${what}${at} cannot be reached: look at the network and firewall between here and there, or correct the host in ${setting}.`;
/** A server that refuses a client certificate may close the connection before its reason is read. */
const closed: Sentence = ({ what, at, setting, hasClientCertificate }) =>
  `${what}${at} closed the connection: look at its log, and whether ${setting} leads to the right server and asks for TLS exactly if the server has it.${hasClientCertificate ? ' Or it does not accept the client certificate: sslcert must be of an authority in its ssl_ca_file.' : ''}`;
const untrusted: Sentence = ({ what, at, setting }) =>
  setting.startsWith('DATABASE_')
    ? `The certificate of ${what}${at} is not trusted: name a file with the certificate of its authority (PEM) in ${setting}, as &sslrootcert=/path/root.crt.`
    : `The certificate of ${what}${at} is not trusted: set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority (PEM), before the program starts.`;
const expired: Sentence = ({ what, at }) =>
  `The certificate of ${what}${at} is not valid today: renew it on the server, or correct the clock of this machine.`;
const otherName: Sentence = ({ what, at, setting }) =>
  `The certificate of ${what}${at} is for another name: use a name that it holds in ${setting}, or give the server a certificate for this one.`;
const noTls: Sentence = ({ what, at, setting }) =>
  `${what}${at} does not speak TLS, and ${setting} asks for it: enable TLS on the server, or do not ask for it (sslmode=disable, redis:// instead of rediss://).`;
const clientCertificate: Sentence = ({ what, at, setting }) =>
  `${what}${at} does not accept the client certificate: name one of the authority in its ssl_ca_file by sslcert and sslkey in ${setting}.`;
const wrongPassword: Sentence = ({ what, at, setting, user }) =>
  `${what}${at} refuses the password${user ? ` of the user "${user}"` : ''}: correct it in ${setting}.`;

/** By `code`: SQLSTATEs of PostgreSQL (Appendix A), codes of Node's sockets, TLS and files, codes of postgres.js. */
const BY_CODE: Readonly<Record<string, Sentence>> = {
  '08P01': ({ what, at, setting, words }) =>
    `${what}${at} refuses how Carillon speaks to it${words}. If ${setting} leads to a pooler such as PgBouncer, set DATABASE_POOLER=transaction, pool_mode=transaction there, and DATABASE_DIRECT_URL to the address of the server behind it.`,
  '28P01': wrongPassword,
  '28000': ({ what, at, setting, words }) =>
    `${what}${at} does not let this user in${words}: correct user and sslmode in ${setting}, or pg_hba.conf of the server.`,
  '3D000': ({ what, at, setting, database }) =>
    `${what}${at} has no database${database ? ` "${database}"` : ' of this name'}: create it ("createdb${database ? ` ${database}` : ''}"), or correct the name in ${setting}.`,
  '42501': ({ what, at, setting, words }) =>
    `${what}${at} does not allow this${words}: grant it to the user of ${setting}.`,
  '42P01': ({ what, at, words }) => `${what}${at} lacks migrations${words}: run "node db/migrate.ts".`,
  '53300': ({ what, at }) =>
    `${what}${at} has no connection left: raise max_connections, or lower the connections of the programs (…_DATABASE_CONNECTIONS).`,
  '57P03': ({ what, at }) =>
    `${what}${at} is starting, stopping or recovering: wait, or look at its log if this stays.`,
  ECONNREFUSED: refused,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
  EHOSTUNREACH: unreachable,
  ENETUNREACH: unreachable,
  ETIMEDOUT: unreachable,
  CONNECT_TIMEOUT: unreachable,
  NO_ANSWER: ({ what, at, setting }) =>
    `${what}${at} does not answer in time: look whether it is overloaded or stopped, and at the network between; ${setting} names it.`,
  ECONNRESET: closed,
  EPIPE: closed,
  CONNECTION_CLOSED: closed,
  CONNECTION_DESTROYED: closed,
  CONNECTION_ENDED: closed,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_UNTRUSTED: untrusted,
  CERT_HAS_EXPIRED: expired,
  CERT_NOT_YET_VALID: expired,
  ERR_TLS_CERT_ALTNAME_INVALID: otherName,
  ERR_SSL_WRONG_VERSION_NUMBER: noTls,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: noTls,
  NO_TLS: noTls,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: clientCertificate,
  TLS_FILE: ({ setting, words }) => `A certificate of ${setting} cannot be used${words}: correct it.`,
  CLUSTER_DOWN: ({ what, at, words }) =>
    `${what}${at} is a cluster in which no master serves some of the slots${words}: look at CLUSTER INFO and CLUSTER SHARDS of its nodes, start the master that is missing or let its replica take over.`,
  MASTER_AWAY: ({ what, at }) =>
    `A master of ${what}${at} does not answer: what lies on it waits until it is back or its replica has taken over. Look at CLUSTER SHARDS.`,
  NO_MASTER: ({ what, at, setting, words }) =>
    `${what}${at} cannot be found through its Sentinels${words}: look whether they run and know the master by the name in ${setting} (SENTINEL GET-MASTER-ADDR-BY-NAME).`,
  READ_ONLY: ({ what, at, setting }) =>
    `${what}${at} answers and takes no writes: it is a replica, in a failover, or its disk is full. Let ${setting} lead to the primary.`,
  EADDRINUSE: ({ what, at, setting }) =>
    `${what} cannot listen${at}: the port is taken. End what listens there, or choose another port with ${setting}.`,
  EADDRNOTAVAIL: ({ what, at, setting }) =>
    `${what} cannot listen${at}: this machine has no such address. Correct the address that belongs to ${setting} (0.0.0.0 is all of them).`,
  ENOENT: ({ path, setting }) =>
    `The file ${path} of ${setting} does not exist: create it, or correct the path.`,
  EISDIR: ({ path, setting }) => `${path} of ${setting} is a directory: name a file.`,
};

/**
 * Redis errors begin with a word for their kind. https://redis.io/docs/latest/develop/reference/protocol-spec/
 */
const BY_WORD: Readonly<Record<string, Sentence>> = {
  WRONGPASS: wrongPassword,
  NOAUTH: ({ what, at, setting }) =>
    `${what}${at} wants a password: put it into ${setting}, as redis://:<password>@host:6379.`,
  MOVED: ({ what, at, setting }) =>
    `${what}${at} is a node of a Redis Cluster, and ${setting} names a single server: write several of its nodes, as in redis://host1:6379,host2:6379,host3:6379, or begin with redis+cluster://.`,
  NOPERM: ({ what, at, setting, words }) =>
    `${what}${at} does not allow this user a command${words}: widen its ACL, or use another user in ${setting}.`,
};

/**
 * @param error anything thrown; causes and the members of an AggregateError are followed.
 * @param context what was used when it failed.
 * @returns null for an unknown error: then it is a defect, and its stack trace is needed.
 */
export function explainFailure(error: unknown, context: FailureContext): ExplainedFailure | null {
  for (const each of chainOf(error)) {
    const { code, message, path, syscall } = each as NodeJS.ErrnoException;
    const word = /^(?:ERR )?([A-Z]+)\b/.exec(message)?.[1] ?? '';
    // Server messages may name users and hosts: included only where those may be shown.
    const facts = {
      ...factsOf(context),
      path: path ?? '',
      words: context.at === undefined ? '' : ` (${message})`,
    };
    if (Object.hasOwn(BY_WORD, word)) return { code: word, sentence: BY_WORD[word]!(facts) };
    if (code === undefined) continue;
    if (code === 'EACCES') return { code, sentence: notAllowed(syscall, facts) };
    if (Object.hasOwn(BY_CODE, code)) return { code, sentence: BY_CODE[code]!(facts) };
  }
  return null;
}

/** A program cannot start; the message gives the reason and the remedy. */
export class StartError extends OwnError {
  override name = 'StartError';
}

/** What a program uses while it starts: its own port and a server. */
export interface StartContexts {
  listener?: Omit<FailureContext, 'what'>;
  server?: FailureContext;
}

/**
 * What a program prints when it cannot start: one sentence for a known error, all problems of a configuration, and a
 * stack trace only for an unknown error.
 *
 * @param program as the beginning of a sentence: `The API`.
 */
export function startFailure(
  program: string,
  error: unknown,
  { listener, server }: StartContexts = {},
): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  const isListening = (error as NodeJS.ErrnoException).syscall === 'listen';
  const context = isListening ? { what: program, ...listener } : (server ?? { what: program });
  const known = explainFailure(error, context);
  if (known) return known.sentence;
  return scrub(
    `${program} could not start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}

/** An error with a code from this file, for failures that no library throws. */
export function failureOf(
  code: 'NO_ANSWER' | 'READ_ONLY' | 'NO_TLS' | 'TLS_FILE' | 'CLUSTER_DOWN' | 'MASTER_AWAY' | 'NO_MASTER',
  message: string,
): Error {
  return Object.assign(new Error(message), { code });
}

function notAllowed(syscall: string | undefined, { what, at, setting, path }: Facts): string {
  return syscall === 'listen'
    ? `${what} may not listen${at}: ports below 1024 are for root. Choose a higher one with ${setting}.`
    : `The file ${path} of ${setting} may not be read by this user: correct its owner or mode.`;
}

function* chainOf(error: unknown): Generator<Error> {
  for (let at = error; at instanceof Error; at = at.cause) {
    yield at;
    if (at instanceof AggregateError) for (const each of at.errors) yield* chainOf(each);
  }
}

function factsOf({ what, setting, at }: FailureContext): Omit<Facts, 'path' | 'words'> {
  const url = at === undefined ? null : URL.parse(at);
  const host = url?.host || (at !== undefined && !at.includes('://') ? at : '');
  const named = setting ?? 'its setting';
  return {
    what,
    at: host ? ` at ${host}` : '',
    setting: named,
    host: url?.hostname ?? host,
    user: decoded(url?.username ?? ''),
    database: decoded(url?.pathname.slice(1) ?? ''),
    hasClientCertificate: url?.searchParams.has('sslcert') ?? false,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
