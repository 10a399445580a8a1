import { createSocket } from 'node:dgram';

/** What it says of a name: an IPv4 address, a code of RFC 1035 (3 is "no such name", 2 "server failure"), or nothing at all. */
export type Say = (name: string) => readonly number[] | number | 'silence';

export interface NameServer {
  /** `address:port` */
  at: string;
  /** Each question as `name A` or `name AAAA`. */
  questions: string[];
  close(): void;
}

/** A DNS server on loopback, for tests. Names have no IPv6 addresses. */
export async function nameServer(say: Say): Promise<NameServer> {
  const questions: string[] = [];
  const server = createSocket('udp4', (question, { port, address }) => {
    const name = nameIn(question);
    const type = question.readUInt16BE(question.indexOf(0, 12) + 1);
    questions.push(`${name} ${type === 1 ? 'A' : 'AAAA'}`);
    const said = say(name);
    if (said === 'silence') return;
    const answer =
      typeof said === 'number'
        ? answerTo(question, said, null)
        : answerTo(question, 0, type === 1 ? said : null);
    server.send(answer, port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  return { at: `127.0.0.1:${server.address().port}`, questions, close: () => void server.close() };
}

function nameIn(question: Buffer): string {
  const labels: string[] = [];
  for (let at = 12; question[at]! > 0; at += question[at]! + 1)
    labels.push(question.toString('latin1', at + 1, at + 1 + question[at]!));
  return labels.join('.').toLowerCase();
}

/** RFC 1035, section 4.1: the question again, and one A record for it if there is an address. */
function answerTo(question: Buffer, code: number, address: readonly number[] | null): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const head = Buffer.from(question.subarray(0, end));
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(address ? 1 : 0, 6);
  head.writeUInt32BE(0, 8);
  const record = address ? [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, ...address] : [];
  return Buffer.concat([head, Buffer.from(record)]);
}
