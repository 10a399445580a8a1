import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';
import { until } from './until.ts';

let server: Server;
let received: string;
let serverSide: Socket[];
let proxy: TcpProxy;
const open: Client[] = [];

interface Client {
  socket: Socket;
  heard(): string;
  /** `open`, `ended`, or the code of the error that ended it. */
  state(): string;
}

beforeEach(async () => {
  received = '';
  serverSide = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    serverSide.push(socket);
    socket.on('data', (chunk) => {
      received += chunk;
      socket.write(`<${chunk}>`);
    });
    socket.on('end', () => {
      received += '.';
    });
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await tcpProxy((server.address() as { port: number }).port);
});
afterEach(async () => {
  for (const { socket } of open.splice(0)) socket.destroy();
  for (const socket of serverSide) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

async function client(): Promise<Client> {
  let text = '';
  let state = 'open';
  const socket = connect(proxy.port, '127.0.0.1');
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    state = error.code ?? 'error';
  });
  socket.on('end', () => {
    if (state === 'open') state = 'ended';
  });
  const made = { socket, heard: () => text, state: () => state };
  open.push(made);
  await until('the connection', () => socket.readyState === 'open');
  return made;
}

const greeted = async (): Promise<Client> => {
  const made = await client();
  made.socket.write('a');
  await until('an answer', () => made.heard() === '<a>');
  return made;
};

test('it passes both directions and hang-ups on', async () => {
  const { socket } = await greeted();
  socket.end();
  await until('the end at the server', () => received === 'a.');
});

test('mute lets requests through and holds answers back until it is restored', async () => {
  const { socket, heard } = await greeted();
  proxy.mute();
  socket.write('b');
  await until('the request to arrive', () => received === 'ab');
  expect(heard()).toBe('<a>');
  await proxy.restore();
  await until('the answer', () => heard() === '<a><b>');
});

test('freeze holds requests back too', async () => {
  const { socket, heard } = await greeted();
  proxy.freeze();
  socket.write('b');
  const other = await client();
  other.socket.write('c');
  await proxy.restore();
  await until('both answers', () => heard() === '<a><b>' && other.heard() === '<c>');
});

test('losing answers: the request is done and its client gets a reset', async () => {
  const { socket, heard, state } = await greeted();
  proxy.loseAnswers();
  socket.write('b');
  await until('the reset', () => state() === 'ECONNRESET');
  expect(received).toBe('ab');
  expect(heard()).toBe('<a>');
  await proxy.restore();
  await greeted();
});

test('reset ends what is open and takes new connections', async () => {
  const { state } = await greeted();
  proxy.reset();
  await until('the reset', () => state() === 'ECONNRESET');
  await greeted();
});

test('delay keeps the order of a stream, also when it shrinks', async () => {
  const { socket, heard } = await greeted();
  proxy.delay(80);
  socket.write('b');
  await until('the request to be on its way', () => socket.writableLength === 0);
  proxy.delay(0);
  socket.write('c');
  await until('both', () => heard().length >= 9 || heard() === '<a><bc>');
  expect(received).toBe('abc');
});

test('a hang-up is not forwarded while connections are kept open', async () => {
  const { socket } = await greeted();
  proxy.keepOpen();
  socket.destroy();
  await until('the client to be gone', () => socket.closed);
  const other = await greeted();
  expect(received).not.toContain('.');
  expect(other.state()).toBe('open');
  await proxy.restore();
  await until('the server to be told', () => received.includes('.') || serverSide[0]!.closed);
});

test('cut refuses new connections until it is restored', async () => {
  await greeted();
  await proxy.cut();
  const refused = new Promise((resolve) => connect(proxy.port, '127.0.0.1').once('error', resolve));
  expect(await refused).toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.restore();
  await greeted();
});

test('led elsewhere, open connections stay with their server and new ones reach the other', async () => {
  const other = createServer((socket) => socket.on('error', () => {}).write('other'));
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { socket, heard } = await greeted();
  proxy.lead((other.address() as { port: number }).port);
  const late = await client();
  await until('the other server', () => late.heard() === 'other');
  socket.write('b');
  await until('the old server', () => heard() === '<a><b>');
  other.close();
});
