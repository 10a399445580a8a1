import {
  SMTPServer,
  type SMTPServerAddress,
  type SMTPServerError,
  type SMTPServerSession,
} from 'smtp-server';
import type { Behaviours } from '../behaviour.ts';
import { commandOf } from '../command.ts';
import type { Accept } from '../decision.ts';
import { mailFiles } from '../mail-files.ts';
import { mailHeaders } from '../mail-headers.ts';
import { mailTexts } from '../mail-texts.ts';
import { plantedIds } from '../planted-ids.ts';
import type { RequestHandler } from '../request-handler.ts';
import { SENDER, SIMULATED_ACCOUNT, type SimulatedProvider } from '../simulated-provider.ts';

const MAX_MESSAGE_BYTES = 25 * 1024 * 1024;
/** The parts of a message that are used. */
const MAX_READ_BYTES = 1024 * 1024;

type Reply = (error?: SMTPServerError | null) => void;

/**
 * A mail server that takes any login. Recipients are refused at RCPT: `bounce@` with 550 5.1.1, `throttle@` with 450
 * (the first two tries of every three: the message is not known yet), `error@` with 451. The commands drop and timeout
 * take effect after the final dot, when the message is accepted.
 */
export function smtp(handler: RequestHandler, behaviours: Behaviours): SMTPServer {
  const verdicts = new WeakMap<SMTPServerSession, Accept>();

  const hangUp = (session: SMTPServerSession): void => {
    for (const connection of server.connections)
      if (connection.id === session.id) connection._socket.destroy();
  };

  /**
   * True if an outage ended the exchange: without a status the connection is closed, with one the server answers 421.
   */
  const isOut = (session: SMTPServerSession, reply: Reply): boolean => {
    const behaviour = behaviours.of('smtp');
    if (behaviour?.mode !== 'outage') return false;
    if (behaviour.status === null) hangUp(session);
    else reply(refusal(421, '4.3.2', 'Service not available, closing transmission channel'));
    return true;
  };

  const server = new SMTPServer({
    banner: 'Carillon provider simulator',
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    size: MAX_MESSAGE_BYTES,
    closeTimeout: 100,
    socketTimeout: 600_000,
    logger: false,
    onAuth: ({ username }, _session, callback) => callback(null, { user: username ?? 'anyone' }),
    onConnect: (session, callback) => {
      if (!isOut(session, callback)) callback();
    },
    onMailFrom: (_address, session, callback) => {
      verdicts.delete(session);
      if (!isOut(session, callback)) callback();
    },
    onRcptTo: ({ address }, session, callback) => {
      const command = commandOf(address);
      const verdict = handler.verdict('smtp', command, () => address);
      const reply = (error?: SMTPServerError): void => {
        if (error !== undefined) handler.countRefusal('smtp');
        // A recipient that passes is answered at once; the latency comes after the final dot.
        handler.after(error === undefined ? 0 : verdict.delayMs, () => callback(error));
      };
      if (verdict.kind === 'refuse') {
        if (verdict.code !== undefined)
          return reply(refusal(verdict.status, verdict.code, 'Refused on order'));
        if (verdict.reason === 'throttled')
          return reply(refusal(450, '4.7.1', 'Too many messages, try again later'));
        return reply(refusal(451, '4.3.0', 'Temporary failure, please try again later'));
      }
      if (command === 'bounce') return reply(refusal(550, '5.1.1', `<${address}>: user unknown`));
      verdicts.set(session, harder(verdicts.get(session), verdict));
      reply();
    },
    onData: (stream, session, callback) => {
      const head: Buffer[] = [];
      let headBytes = 0;
      stream.on('data', (chunk: Buffer) => {
        if (headBytes < MAX_READ_BYTES) head.push(chunk);
        headBytes += chunk.length;
      });
      stream.on('end', () => {
        if (stream.sizeExceeded) return callback(refusal(552, '5.3.4', 'Message too big'));
        const text = Buffer.concat(head).toString('utf8');
        const end = text.search(/\r?\n\r?\n/) >>> 0;
        const headers = mailHeaders(text.slice(0, end));
        const recipients = session.envelope.rcptTo.map((recipient: SMTPServerAddress) => recipient.address);
        const acceptance = {
          provider: 'smtp',
          channel: 'email',
          to: recipients.join(', '),
          ...plantedIds(headers.get('x-carillon-attempt'), headers.get('message-id')),
          idempotency_key: null,
          subject: headers.get('subject') ?? null,
          letter: {
            headers: Object.fromEntries(
              [...headers].filter(([name]) => /^(list-|dkim-|auto-submitted$)/.test(name)),
            ),
            attachments: mailFiles(text.slice(end)),
            ...mailTexts(text),
          },
        };
        const { finish, delayMs } = verdicts.get(session) ?? { finish: 'answer', delayMs: 0 };
        handler.write([acceptance], undefined, (isWritten) => {
          if (!isWritten) {
            return callback(refusal(451, '4.3.0', 'The ledger could not be written; nothing was accepted'));
          }
          const queuedAs = handler.ledger.lastSeq;
          handler.after(delayMs, () => {
            if (finish === 'answer') callback(null, `OK: queued as ${queuedAs}`);
            else if (finish === 'drop') hangUp(session);
          });
        });
      });
    },
  });
  // A client that disconnects in the middle is ignored.
  server.on('error', () => {});
  return server;
}

/** Of several recipients of one message the strongest command decides. */
function harder(one: Accept | undefined, other: Accept): Accept {
  if (one === undefined) return other;
  const finish = one.finish === 'answer' ? other.finish : one.finish;
  return { kind: 'accept', finish, delayMs: Math.max(one.delayMs, other.delayMs) };
}

function refusal(responseCode: number, enhanced: string, text: string): SMTPServerError {
  return Object.assign(new Error(`${enhanced} ${text}`), { responseCode });
}

/** Its routes, receipts and accounts. */
export const simulatedSmtp: SimulatedProvider = {
  id: 'smtp',
  listener: 'smtp',
  codeIs: 'the enhanced code of the reply to RCPT TO (the status is its code)',
  accounts: ({ smtpUrl }) => {
    const { hostname, port } = new URL(smtpUrl);
    return [
      {
        id: 'smtp',
        provider: 'smtp',
        ...SIMULATED_ACCOUNT,
        from: SENDER,
        host: hostname,
        port: Number(port),
      },
    ];
  },
};
