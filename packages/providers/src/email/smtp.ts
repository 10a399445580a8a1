import { Readable } from 'node:stream';
import type { EmailMessage, MailAttachment } from '@carillon/core/message';
import type { Accepted, NotAccepted, Outcome } from '@carillon/core/outcome';
import MailComposer from 'nodemailer/lib/mail-composer';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { deadlinePassed, failureOutcome, LeaseOver } from '../call-failure.ts';
import type { Call, ProviderAdapter } from '../contract.ts';
import { explain, notSendable } from '../outcome-of.ts';
import { type DkimKey, dkimSigner } from './dkim.ts';
import { enhancedCode, smtpClass } from './smtp-codes.ts';
import { smtpConnections } from './smtp-connections.ts';

/**
 * Plain SMTP, by nodemailer's connection and composer. Class D: nothing tells afterwards whether a message was taken.
 * The line is the dot that ends the data: before it nothing can have been accepted; after it, without a reply, nobody
 * knows. Every try of an attempt has the same Message-ID, by which some servers and clients drop copies.
 */
export interface SmtpOptions {
  host: string;
  port: number;
  /** TLS from the start (usually port 465); otherwise STARTTLS. */
  secure?: boolean;
  /** What to do without TLS: by default a server must offer it, unless it is this machine. */
  requireTls?: boolean;
  auth?: { user: string; pass: string };
  /** The sender where the message names none. */
  from: string;
  /** PEM of a certificate authority to trust instead of the system's. */
  ca?: string;
  maxConnections?: number;
  /** Signs what goes out here; without it the server may. */
  dkim?: DkimKey;
}

interface Letter {
  from: string;
  to: string;
  raw: Buffer;
  messageId: string;
}

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A backstop only: the deadline of a call is its signal. */
const SILENCE_TIMEOUT_MS = 60_000;

export function smtpAdapter(options: SmtpOptions): ProviderAdapter<EmailMessage> {
  const atOnce = options.maxConnections ?? MAX_CONNECTIONS;
  const connections = smtpConnections({
    server: serverOptions(options),
    ...(options.auth ? { auth: options.auth } : {}),
    maxConnections: atOnce,
  });
  const sign = options.dkim ? dkimSigner(options.dkim) : unsigned;
  return {
    provider: 'smtp',
    channel: 'email',
    guarantee: 'D',
    atOnce,
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
      if (mayWrite?.() === false) {
        connections.giveBack(connection);
        return failureOutcome('The SMTP server', new LeaseOver(), 'started');
      }
      const outcome = await transmit(connection, letter, signal, mayWrite);
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

/** RSET: greeted, logged in, and somebody answers. */
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

/** One message over one connection. */
function transmit(
  connection: SMTPConnection,
  letter: Letter,
  signal: AbortSignal,
  mayWrite: Call['mayWrite'],
): Promise<Outcome> {
  return new Promise((resolve) => {
    let dotWritten = false;
    const settle = (outcome: Outcome): void => {
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    const onAbort = (): void => {
      // Cut first: what is not written now never will be.
      connection.close();
      settle(failureOutcome('The SMTP server', deadlinePassed(signal), dotWritten ? 'written' : 'started'));
    };
    // nodemailer reads this after the server's 354 and ends it with the dot.
    const data = new Readable({
      read() {
        // Envelope and DATA took a few round trips: the lease may have run out on the way.
        if (mayWrite?.() === false) {
          connection.close();
          return settle(failureOutcome('The SMTP server', new LeaseOver(), 'started'));
        }
        dotWritten = true;
        this.push(letter.raw);
        this.push(null);
      },
    });
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connection.send({ from: letter.from, to: [letter.to], size: letter.raw.length }, data, (error, info) => {
      if (!error)
        return settle(isWhole(info?.response) ? accepted(letter) : noReply({ code: 'EPROTOCOL' }, 'written'));
      const phase = dotWritten ? 'written' : 'started';
      settle(replyOutcome(error) ?? noReply(error, phase));
    });
  });
}

function accepted({ messageId }: Letter): Accepted {
  return { class: 'accepted', providerMessageId: messageId };
}

/** nodemailer is content with a 2 at the beginning, which half a reply has as well. */
function isWhole(reply: unknown): boolean {
  return typeof reply === 'string' && /^2\d\d(?=[ -]|$)/.test(reply);
}

/** The outcome of a 4yz or 5yz reply: the server has answered, so it is certain even after the dot. */
function replyOutcome(error: unknown): NotAccepted | undefined {
  const { responseCode, response, command } = error as Record<string, unknown>;
  if (typeof responseCode !== 'number' || responseCode < 400 || responseCode > 599) return undefined;
  const enhanced = typeof response === 'string' ? enhancedCode(response) : undefined;
  const outcome = smtpClass({ code: responseCode, enhanced, command: String(command ?? '') });
  const code = enhanced === undefined ? String(responseCode) : `${responseCode} ${enhanced}`;
  return { class: outcome, code, phase: 'answered', message: explain(outcome, 'The SMTP server', code) };
}

/** No reply, or one that is no SMTP. */
function noReply(error: unknown, phase: 'started' | 'written'): NotAccepted {
  const { code } = error as { code?: unknown };
  if (code === 'EMESSAGE' && phase === 'started') {
    return notSendable('The SMTP server', 'too_large', 'the message is larger than it takes');
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
  const node = new MailComposer({
    from,
    to: message.to,
    subject: message.subject,
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
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
  const sender = envelope.from;
  if (!sender || recipient === undefined || others.length > 0) {
    return notSendable('The SMTP server', 'invalid_message', 'it needs one sender and one recipient address');
  }
  const messageId = `<${attemptId}@${sender.slice(sender.lastIndexOf('@') + 1)}>`;
  node.setHeader('Message-ID', messageId);
  try {
    return { from: sender, to: recipient, raw: await sign(await node.build()), messageId };
  } catch {
    return notSendable('The SMTP server', 'invalid_message', 'the content could not be put into a mail');
  }
}

/** As they are: nodemailer would put the long address of List-Unsubscribe onto a line of its own. */
function unfolded(headers: EmailMessage['headers'] = {}) {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, { prepared: true, value }] as const),
  );
}

function file({ filename, contentType, content }: MailAttachment) {
  return { filename, contentType, content, encoding: 'base64', contentDisposition: 'attachment' };
}

const unsigned = async (letter: Buffer): Promise<Buffer> => letter;

function serverOptions({ host, port, secure = false, requireTls, ca }: SmtpOptions) {
  return {
    host,
    port,
    secure,
    requireTLS: !secure && (requireTls ?? !isLoopback(host)),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // Cut means cut: a half-closed socket could still deliver what is in its buffer.
    socketCloseTimeout: 0,
    ...(ca === undefined ? {} : { tls: { ca } }),
  };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
