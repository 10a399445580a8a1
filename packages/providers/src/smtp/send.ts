import { Readable } from 'node:stream';
import type { EmailMessage, MailAttachment } from '@carillon/core/notification/message';
import type { Accepted, NotAccepted, Outcome } from '@carillon/core/provider/outcome';
import { mailboxOf } from '@carillon/core/recipient/mailbox';
import MailComposer from 'nodemailer/lib/mail-composer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Call, Patience, ProviderAdapter } from '../contract.ts';
import { mayWriteNow } from '../http/may-write.ts';
import { deadlinePassed, failureOutcome, LeaseOver } from '../outcome/call-failure.ts';
import { explain, notSendable } from '../outcome/parse-response.ts';
import { blamesOurName, enhancedCode, smtpMeaning, stageOf } from './codes.ts';
import { type Introduced, smtpConnections } from './connections.ts';
import { type DkimKey, dkimSigner } from './dkim.ts';
import { needsStartTls } from './tls.ts';

/**
 * Plain SMTP, by nodemailer's connection and composer. Class D: nothing shows afterwards whether a message was
 * accepted. The boundary is the dot that ends the data: before it nothing can have been accepted; after it, without a
 * reply, the outcome is unknown. Every try of an attempt has the same Message-ID, by which some servers and clients
 * drop copies.
 */
export interface SmtpOptions {
  host: string;
  port: number;
  /** TLS from the start (usually port 465); otherwise STARTTLS. */
  secure?: boolean;
  /** Whether TLS is required: by default a server must offer it, unless it is this machine. */
  requireTls?: boolean;
  auth?: { user: string; pass: string };
  /** The sender if the message names none. */
  from: string;
  /** PEM of a certificate authority to trust instead of the system's. */
  ca?: string;
  maxConnections?: number;
  /** Signs outgoing mail; without it the server may. */
  dkim?: DkimKey;
  /** The EHLO name; defaults to the host name if others can resolve it, else the address of the socket. */
  ehloName?: string;
  /** Until the connection is open (default 5 s) ... */
  connectTimeoutMs?: number;
  /** ... greeted (10 s) ... */
  greetingTimeoutMs?: number;
  /** ... and logged in, and again from MAIL FROM until the server expects the data (10 s). */
  commandTimeoutMs?: number;
  /** From the start of the data to the answer; defaults to the deadline of the call. */
  dataTimeoutMs?: number;
}

interface Letter {
  from: string;
  to: string;
  raw: Buffer;
  messageId: string;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** Servers that look up the client, or delay to deter spammers, greet after some seconds. */
const GREETING_TIMEOUT_MS = 10_000;
const COMMAND_TIMEOUT_MS = 10_000;
/** A safety limit only: the deadline of a call is its signal. */
const SILENCE_TIMEOUT_MS = 60_000;
/** The share of the account's longest wait after which the server counts as hanging, before the call ends. */
const HANGS_AFTER_SHARE = 0.8;

export function smtpAdapter(options: SmtpOptions): ProviderAdapter<EmailMessage> {
  const { auth, ehloName, maxConnections: atOnce = MAX_CONNECTIONS } = options;
  const limits = limitsOf(options);
  const connections = smtpConnections({
    server: serverOptions(options),
    ...(auth ? { auth } : {}),
    ...(ehloName === undefined ? {} : { ehloName }),
    maxConnections: atOnce,
    timeouts: limits,
  });
  const sign = options.dkim ? dkimSigner(options.dkim) : unsigned;
  return {
    provider: 'smtp',
    channel: 'email',
    guarantee: 'D',
    atOnce,
    patience: patienceOf(options),
    serves: (message) => message.channel === 'email',
    async send(message, { attemptId, signal, mayWrite }) {
      const letter = await compose(message, message.from ?? options.from, attemptId, sign);
      if ('class' in letter) return letter;
      let connection: SMTPConnection;
      try {
        connection = await connections.take(signal);
      } catch (error) {
        return replyOutcome(error) ?? failureOutcome('The SMTP server', error, 'started');
      }
      if (!(await mayWriteNow(mayWrite, signal))) {
        connections.giveBack(connection);
        return failureOutcome('The SMTP server', new LeaseOver(), 'started');
      }
      const outcome = await transmit(connection, letter, { signal, mayWrite, ...limits });
      if (outcome.class === 'accepted') connections.giveBack(connection);
      else connections.drop(connection);
      return outcome;
    },
    async probe(signal) {
      try {
        const connection = await connections.take(signal);
        await reset(connection, signal).catch((error) => {
          connections.drop(connection);
          throw error;
        });
        connections.giveBack(connection);
        return { healthy: true };
      } catch (error) {
        const { message } = replyOutcome(error) ?? failureOutcome('The SMTP server', error, 'started');
        return { healthy: false, why: message };
      }
    },
    close: () => connections.close(),
  };
}

/** RSET: greeted, logged in, and the server answers. */
function reset(connection: SMTPConnection, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(deadlinePassed(signal));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connection.reset((error) => {
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The limits of a message in transit; times in milliseconds. */
interface Bounds {
  signal: AbortSignal;
  mayWrite: Call['mayWrite'];
  commandMs: number;
  dataMs: number | undefined;
}

/** One message over one connection. */
function transmit(
  connection: SMTPConnection,
  letter: Letter,
  { signal, mayWrite, commandMs, dataMs }: Bounds,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let dotWritten = false;
    let isSettled = false;
    const settle = (outcome: Outcome): void => {
      isSettled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const cut = (error: Error): void => {
      // Destroyed first: bytes not written now never will be.
      connection.close();
      settle(failureOutcome('The SMTP server', error, dotWritten ? 'written' : 'started'));
    };
    const onAbort = (): void => cut(deadlinePassed(signal));
    const onTimeout = (): void =>
      cut(Object.assign(new Error('a step took too long'), { code: 'ETIMEDOUT' }));
    let timer = setTimeout(onTimeout, commandMs);
    // nodemailer reads this after the server's 354 and ends it with the dot.
    const data = new Readable({
      read() {
        // Envelope and DATA took a few round trips: meanwhile the lease may have expired, or wishes have changed.
        void mayWriteNow(mayWrite, signal).then((may) => {
          if (isSettled) return;
          if (!may) return cut(new LeaseOver());
          clearTimeout(timer);
          if (dataMs !== undefined) timer = setTimeout(onTimeout, dataMs);
          dotWritten = true;
          data.push(letter.raw);
          data.push(null);
        });
      },
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connection.send({ from: letter.from, to: [letter.to], size: letter.raw.length }, data, (error, info) => {
      if (!error)
        return settle(isWhole(info?.response) ? accepted(letter) : noReply({ code: 'EPROTOCOL' }, 'written'));
      const introduced = Object.assign(error, { ehloName: connection.name });
      settle(replyOutcome(introduced, dotWritten) ?? noReply(error, dotWritten ? 'written' : 'started'));
    });
  });
}

function accepted({ messageId }: Letter): Accepted {
  return { class: 'accepted', providerMessageId: messageId };
}

/** nodemailer only checks for a leading 2, which half a reply has as well. */
function isWhole(reply: unknown): boolean {
  return typeof reply === 'string' && /^2\d\d(?=[ -]|$)/.test(reply);
}

/** The outcome of a 4yz or 5yz reply: the server has answered, so it is certain even after the dot. */
function replyOutcome(error: unknown, dotWritten = false): NotAccepted | undefined {
  const { responseCode, response, command, ehloName } = error as Record<string, unknown> & Introduced;
  if (typeof responseCode !== 'number' || responseCode < 400 || responseCode > 599) return undefined;
  const text = typeof response === 'string' ? response : '';
  const enhanced = enhancedCode(text);
  const reply = { code: responseCode, enhanced, stage: stageOf(String(command ?? ''), dotWritten), text };
  const meaning = smtpMeaning(reply);
  const code = enhanced === undefined ? String(responseCode) : `${responseCode} ${enhanced}`;
  const message =
    meaning.class === 'misconfigured' && blamesOurName(reply)
      ? `The SMTP server refuses the name that this account gives in EHLO, ${ehloName} (${code}): set ehlo_name to a host name that resolves to this machine.`
      : explain(meaning, 'The SMTP server', code);
  return { ...meaning, code, phase: 'answered', message };
}

/** No reply, or one that is not SMTP. */
function noReply(error: unknown, phase: 'started' | 'written'): NotAccepted {
  const { code } = error as { code?: unknown };
  if (code === 'EMESSAGE' && phase === 'started') {
    const refused = notSendable('The SMTP server', 'too_large', 'the message is larger than it takes');
    return { ...refused, about: 'message', othersMayTake: true };
  }
  const outcome = failureOutcome('The SMTP server', error, phase);
  const garbled = code === 'EMESSAGE' || code === 'EPROTOCOL';
  return garbled && phase === 'written' ? { ...outcome, code: 'invalid_answer' } : outcome;
}

async function compose(
  message: EmailMessage,
  from: string,
  attemptId: string,
  sign: (letter: Buffer) => Promise<Buffer>,
): Promise<Letter | NotAccepted> {
  const sender = mailboxOf(from);
  const addressee = mailboxOf(message.to);
  const replyTo = message.replyTo === undefined ? undefined : mailboxOf(message.replyTo);
  if (sender === null || addressee === null || addressee.name !== '' || replyTo === null) {
    return notSendable('The SMTP server', 'invalid_message', 'it needs one sender and one recipient address');
  }
  // As parts, never as text: nodemailer would parse it again by its own rules.
  const node = new MailComposer({
    from: sender,
    to: addressee,
    subject: message.subject,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(message.text === undefined ? {} : { text: message.text }),
    ...(message.html === undefined ? {} : { html: message.html }),
    headers: { 'X-Carillon-Attempt': attemptId, ...unfolded(message.headers) },
    ...(message.attachments === undefined ? {} : { attachments: message.attachments.map(file) }),
    // Content comes from templates and requests: it must never name a file or a URL to read.
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const envelope = node.getEnvelope();
  const [recipient, ...others] = envelope.to ?? [];
  const mailFrom = envelope.from;
  if (!mailFrom || recipient === undefined || others.length > 0) {
    return notSendable('The SMTP server', 'invalid_message', 'it needs one sender and one recipient address');
  }
  const messageId = `<${attemptId}@${mailFrom.slice(mailFrom.lastIndexOf('@') + 1)}>`;
  node.setHeader('Message-ID', messageId);
  try {
    return { from: mailFrom, to: recipient, raw: await sign(await node.build()), messageId };
  } catch {
    return notSendable('The SMTP server', 'invalid_message', 'the content could not be put into a mail');
  }
}

/** Unchanged: nodemailer would fold the long URL of List-Unsubscribe onto a line of its own. */
function unfolded(headers: EmailMessage['headers'] = {}) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { prepared: true, value }] as const),
  );
}

function file({ filename, contentType, content }: MailAttachment) {
  return { filename, contentType, content, encoding: 'base64', contentDisposition: 'attachment' };
}

const unsigned = async (letter: Buffer): Promise<Buffer> => letter;

function limitsOf(options: SmtpOptions) {
  const { dataTimeoutMs: dataMs, commandTimeoutMs: commandMs = COMMAND_TIMEOUT_MS } = options;
  return {
    connectMs: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    greetingMs: options.greetingTimeoutMs ?? GREETING_TIMEOUT_MS,
    commandMs,
    dataMs,
    silenceMs: Math.max(SILENCE_TIMEOUT_MS, commandMs, dataMs ?? 0),
  };
}

function patienceOf(options: SmtpOptions): Patience {
  const { connectMs, greetingMs, commandMs, dataMs = 0 } = limitsOf(options);
  const longest = Math.max(greetingMs, options.commandTimeoutMs ?? 0, dataMs);
  return {
    startMs: connectMs + greetingMs + commandMs,
    answerMs: dataMs === 0 ? 0 : commandMs + dataMs,
    hangsAfterMs: longest * HANGS_AFTER_SHARE,
  };
}

function serverOptions({ host, port, secure = false, requireTls, ca }: SmtpOptions) {
  return {
    host,
    port,
    secure,
    requireTLS: needsStartTls({ host, secure, requireTls }),
    // The socket is destroyed: a half-closed one could still deliver its buffer.
    socketCloseTimeout: 0,
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}
