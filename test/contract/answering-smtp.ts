import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A small real SMTP server with the replies set by a test at every step, which records what it accepted. */
export type SmtpStep = 'greeting' | 'EHLO' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'dot';
/** A reply line, silence, a broken connection, or a reply after so many milliseconds. */
export type SmtpAnswer = string | 'hang' | 'reset' | { afterMs: number; say: string };

export interface AnsweringSmtp {
  port: number;
  /** Whole messages up to the dot, whatever the reply to it. */
  letters: { from: string; to: string; text: string }[];
  connections(): number;
  /** Names that clients gave, in order. */
  hellos: string[];
  /** From now on; steps that are not named are answered as a friendly server does. */
  answers(steps: Partial<Record<SmtpStep, SmtpAnswer>>): void;
  close(): Promise<void>;
}

const FRIENDLY: Record<SmtpStep, SmtpAnswer> = {
  greeting: '220 mail.example.com ESMTP',
  EHLO: '250-mail.example.com\r\n250-PIPELINING\r\n250-AUTH PLAIN\r\n250 SIZE 1000000',
  AUTH: '235 2.7.0 Accepted',
  MAIL: '250 2.1.0 Ok',
  RCPT: '250 2.1.5 Ok',
  DATA: '354 Go ahead',
  dot: '250 2.0.0 Ok: queued as 4F9D195432C',
};

export async function answeringSmtp(): Promise<AnsweringSmtp> {
  const sockets = new Set<Socket>();
  const letters: AnsweringSmtp['letters'] = [];
  const hellos: string[] = [];
  let steps: Record<SmtpStep, SmtpAnswer> = FRIENDLY;
  let connections = 0;

  const server = createServer({ noDelay: true }, (socket) => {
    connections++;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const say = (step: SmtpStep): boolean => {
      const answer = steps[step];
      if (typeof answer === 'object') {
        setTimeout(() => socket.write(`${answer.say}\r\n`), answer.afterMs).unref();
        return true;
      }
      if (answer === 'reset') socket.destroy();
      else if (answer !== 'hang') socket.write(`${answer}\r\n`);
      return answer !== 'hang' && answer !== 'reset';
    };
    let buffer = '';
    let inData = false;
    let from = '';
    let to = '';
    const command = (line: string): void => {
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'MAIL') from = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (verb === 'RCPT') to = /<(.*?)>/.exec(line)?.[1] ?? '';
      if (verb === 'EHLO') hellos.push(line.slice(5));
      if (verb === 'HELO') return void say('EHLO');
      if (verb === 'QUIT') return void socket.end('221 Bye\r\n');
      if (verb === 'EHLO' || verb === 'AUTH' || verb === 'MAIL' || verb === 'RCPT') return void say(verb);
      if (verb === 'DATA' && !(begins(steps.MAIL, '2') && begins(steps.RCPT, '2'))) {
        return void socket.write('503 5.5.1 No valid recipients\r\n');
      }
      if (verb === 'DATA') inData = say('DATA') && begins(steps.DATA, '3');
      else socket.write('502 5.5.2 Not implemented\r\n');
    };
    const read = (): void => {
      for (;;) {
        const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
        if (end < 0) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (!inData) command(part);
        else {
          inData = false;
          letters.push({ from, to, text: part });
          say('dot');
        }
      }
    };
    socket.on('data', (chunk) => {
      buffer += chunk.toString('utf8');
      read();
    });
    say('greeting');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    letters,
    hellos,
    connections: () => connections,
    answers(changes) {
      steps = { ...FRIENDLY, ...changes };
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function begins(answer: SmtpAnswer, digit: string): boolean {
  return (typeof answer === 'object' ? answer.say : answer).startsWith(digit);
}
