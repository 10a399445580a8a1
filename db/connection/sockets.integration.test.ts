import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../test/support/database.ts';
import { type TcpProxy, tcpProxy } from '../../test/support/tcp-proxy.ts';
import { until } from '../../test/support/until.ts';
import { type Database, openDatabase } from './client.ts';
import { sockets } from './sockets.ts';

let database: TestDatabase;
let proxy: TcpProxy;
let db: Database;
let admin: Database;

beforeAll(async () => {
  database = await testDatabase();
  admin = openDatabase({ url: database.url, name: 'admin', connections: 1 });
});
afterAll(async () => {
  await admin.close();
  await database.drop();
});

const at = (port: number, parameters = ''): string => {
  const url = new URL(database.url);
  url.host = `127.0.0.1:${port}`;
  return `${url.href}${parameters}`;
};
const open = (url: string): Database =>
  openDatabase({ url, name: 'sockets', connections: 3, statementTimeoutMs: 500, silenceMs: 800 });
const answers = async () => (await db.sql`select 1 as one`)[0]?.one === 1;
const ended = (work: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(work).then(
    () => 'done',
    (error) => error.code,
  );

describe('a connection that froze', () => {
  beforeEach(async () => {
    const { port, hostname } = new URL(database.url);
    proxy = await tcpProxy(Number(port), hostname);
    db = open(at(proxy.port));
  });
  afterEach(async () => {
    await proxy.close();
    await db.close();
  });

  test('rejects its statements, and the next go over a new one', async () => {
    await Promise.all([answers(), answers(), answers()]);
    proxy.freeze();
    const ends = await Promise.all(Array.from({ length: 20 }, () => ended(db.sql`select 1`)));
    expect(ends).toEqual(ends.map(() => 'CONNECTION_CLOSED'));
    await proxy.restore();
    await until('PostgreSQL to answer again', answers);
  });

  test('ends a transaction between its statements', async () => {
    const transaction = db.sql.begin(async (tx) => {
      await tx`select 1`;
      proxy.freeze();
      await tx`select 2`;
    });
    expect(await ended(transaction)).toBe('CONNECTION_CLOSED');
    await proxy.restore();
    await until('PostgreSQL to answer again', answers);
  });

  test('is not kept alive by repeated queries', async () => {
    await answers();
    proxy.freeze();
    const first = ended(db.sql`select 1`);
    const more = setInterval(() => void ended(db.sql`select 1`), 20);
    expect(await first).toBe('CONNECTION_CLOSED');
    clearInterval(more);
    await proxy.restore();
    await until('PostgreSQL to answer again', answers);
  });

  test('is given more time where it only listens', async () => {
    const openSocket = sockets({
      url: at(proxy.port, '?sslmode=disable'),
      connectTimeoutMs: 1000,
      silenceMs: 200,
    });
    const target = { host: ['127.0.0.1'], port: [proxy.port] };
    proxy.freeze();
    const listener = await openSocket({ ...target, onnotify: () => {} });
    const ordinary = await openSocket(target);
    for (const socket of [listener, ordinary]) socket.write(Buffer.from('a question'));
    const order: string[] = [];
    await Promise.all([
      once(listener, 'close').then(() => order.push('listener')),
      once(ordinary, 'close').then(() => order.push('ordinary')),
    ]);
    expect(order).toEqual(['ordinary', 'listener']);
  });
});

test('a statement that the server itself cancels keeps its connection', async () => {
  db = open(database.url);
  const pid = async () => (await db.sql`select pg_backend_pid() as pid`)[0]!.pid;
  const before = new Set([await pid(), await pid(), await pid()]);
  expect(await ended(db.sql`select pg_sleep(5)`)).toBe('57014');
  expect(before).toContain(await pid());
  await db.close();
});

test('an unreachable server is an immediate error, for as long as it is unreachable', async () => {
  const proxied = await tcpProxy(Number(new URL(database.url).port));
  db = open(at(proxied.port));
  await proxied.cut();
  for (const _ of [1, 2, 3, 4, 5, 6]) expect(await ended(db.sql`select 1`)).toBe('ECONNREFUSED');
  await proxied.restore();
  expect(await answers()).toBe(true);
  await db.close();
  await proxied.close();
});

const ways = { 'in the clear': '?sslmode=disable', 'through TLS': '?sslmode=require' };
describe.each(Object.entries(ways))('%s', (_, parameters) => {
  let server: Server;
  beforeAll(async () => {
    server = await behindTls(Number(new URL(database.url).port));
  });
  afterAll(() => void server.close());

  test('no end of connections breaks the pool: each statement ends, and soon they work again', async () => {
    db = open(at((server.address() as AddressInfo).port, parameters));
    let working = true;
    const done = { statements: 0, transactions: 0 };
    const pause = () => nextTurn();
    const statements = async () => {
      while (working) if ((await pause().then(() => ended(db.sql`select 1`))) === 'done') done.statements++;
    };
    const transactions = async () => {
      while (working) {
        const work = db.sql.begin(async (tx) => {
          await tx`select 1`;
          await pause();
          await tx`select 2`;
          await pause();
        });
        if ((await ended(work)) === 'done') done.transactions++;
      }
    };
    const loops = [statements(), statements(), statements(), transactions(), transactions()];
    for (let round = 0; round < 10; round++) {
      const { statements, transactions } = { ...done };
      await until('work to be done', () => done.statements > statements && done.transactions > transactions, {
        timeoutMs: 3000,
        everyMs: 5,
      });
      await admin.sql`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sockets'`;
    }
    working = false;
    await Promise.all(loops);
    await db.close();
  }, 60_000);
});

test('sslmode=require refuses a server without TLS', async () => {
  db = open(`${database.url}?sslmode=require`);
  await expect(Promise.resolve(db.sql`select 1`)).rejects.toThrow('PostgreSQL offers no TLS');
  await db.close();
});

/** PostgreSQL behind a server that speaks both, as PostgreSQL with a certificate would. */
async function behindTls(port: number): Promise<Server> {
  const file = (name: string) =>
    readFileSync(new URL(`../../packages/providers/fixtures/tls/${name}`, import.meta.url));
  const relay = (client: Socket): void => {
    const target = connect(port, '127.0.0.1');
    client.pipe(target).pipe(client);
    for (const [one, other] of [
      [client, target],
      [target, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  };
  const server = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (hello) => {
      if (hello.length !== 8) {
        client.unshift(hello);
        return relay(client);
      }
      client.pause();
      client.write('S');
      relay(new TLSSocket(client, { isServer: true, key: file('key.pem'), cert: file('cert.pem') }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
