import { randomBytes, randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { Redis } from 'ioredis';
import postgres from 'postgres';
import { testDatabase } from './database.ts';
import { type EchoingProvider, echoingProvider } from './echoing-provider.ts';
import { type ErrorReceiver, errorReceiver } from './error-receiver.ts';
import { type OtlpReceiver, otlpReceiver } from './otlp-receiver.ts';
import { type Plants, plant, unlike } from './plants.ts';
import { type Program, startProgram } from './program.ts';
import { testRedis } from './redis.ts';
import { redisContents } from './redis-contents.ts';
import { insertApp } from './rows.ts';
import { givenStaff } from './staff.ts';
import { type TcpProxy, tcpProxy } from './tcp-proxy.ts';

/** Private texts of every kind; each run has others. */
export const PLANTED = {
  /** Of an address, after the word that says what the provider does. */
  mailbox: `${unlike()}@quill-${unlike()}.example.test`,
  phone: `+4915${randomInt(1e8, 1e9)}`,
  device: `device-${unlike()}-${unlike()}`,
  name: `Zambrano Quill ${unlike()}`,
  recipient: `person-${unlike()}`,
  subject: `Subject violet ${unlike()}`,
  text: `Text umber ${unlike()}`,
  variable: `Variable ochre ${unlike()}`,
  code: `K${randomInt(1e5, 1e6)}Q${unlike()}`,
  path: `walnut-${unlike()}`,
  query: `cedar-${unlike()}`,
  hookPath: `hook-${unlike()}`,
  gatewayPath: `gateway-${unlike()}`,
  staffMailbox: `staff-${unlike()}@quill-${unlike()}.example.test`,
  staffPassword: `long password ${unlike()}`,
  wrongPassword: `wrong password ${unlike()}`,
  newPassword: `another password ${unlike()}`,
  providerKey: `re_${unlike()}_${unlike()}${unlike()}`,
  providerToken: randomBytes(16).toString('hex'),
  sharedSecret: `shared ${unlike()} ${unlike()}`,
  receiptSecret: `whsec_${randomBytes(24).toString('base64')}`,
  encryptionKey: randomBytes(32).toString('base64'),
  metricsToken: randomBytes(24).toString('hex'),
  databasePassword: `database-${unlike()}`,
  redisPassword: `redis-${unlike()}`,
};

type Name = 'api' | 'simulator' | 'worker' | 'dashboard';

/** The programs as they run in production, full of private texts, with everything they emit at hand. */
export interface PlantedSystem {
  /** What is searched for: PLANTED, and what the system makes of it. */
  plants: Plants;
  /** API keys: of the app that sends, and of another one. */
  key: string;
  stranger: string;
  /** The providers of the accounts resend, twilio and generic-push, and customers' endpoints. */
  echo: EchoingProvider;
  collector: OtlpReceiver;
  errors: ErrorReceiver;
  sql: postgres.Sql;
  /** Between the programs and the servers. */
  database: TcpProxy;
  redis: TcpProxy;
  url(name: Name): string;
  output(name: Name): string;
  /** Everything that was emitted so far, by where: output, metrics, spans, error reports, all of Redis. */
  emitted(): Promise<Map<string, string>>;
  /** Stops the programs only. */
  stopPrograms(): Promise<void>;
  stop(): Promise<void>;
}

const FREE_PORTS = { SIMULATOR_PORT: '0', SIMULATOR_TLS_PORT: '0', SIMULATOR_SMTP_PORT: '0' };
const UP = /"url":"([^"]+)"/;

export async function plantedSystem(): Promise<PlantedSystem> {
  const plants = plant(PLANTED);
  const database = await testDatabase();
  const redis = testRedis();
  const sql = postgres(database.url, { max: 2, onnotice: () => {} });
  const [collector, errors, echo] = [await otlpReceiver(), await errorReceiver(), await echoingProvider()];
  const proxies = {
    database: await tcpProxy(Number(new URL(database.url).port)),
    redis: await tcpProxy(Number(new URL(redis.url).port)),
  };
  const user = await serverUser(sql, redis.url);
  const [key, stranger] = [await newKey(sql, plants, 'the app'), await newKey(sql, plants, 'another app')];
  await givenStaff(sql, { email: PLANTED.staffMailbox, password: PLANTED.staffPassword });
  const directory = mkdtempSync(path.join(tmpdir(), 'carillon-private-'));

  const programs = new Map<Name, Program>();
  const urls = new Map<Name, string>();
  const start = async (name: Name, env: Record<string, string>, up = UP): Promise<void> => {
    const program = startProgram(`apps/${name}/${name === 'dashboard' ? 'server' : 'src'}/main.ts`, env);
    programs.set(name, program);
    urls.set(name, await program.says(up));
  };
  const url = (name: Name): string => urls.get(name)!;
  const env = {
    DATABASE_URL: through(database.url, proxies.database, user.name, PLANTED.databasePassword),
    REDIS_URL: through(redis.url, proxies.redis, user.name, PLANTED.redisPassword),
    NAMESPACE: redis.namespace,
    LOG_LEVEL: 'debug',
    ENCRYPTION_KEYS: `k1:${PLANTED.encryptionKey}`,
    METRICS_TOKEN: PLANTED.metricsToken,
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    SENTRY_DSN: errors.dsn,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  await start('api', { ...env, API_PORT: '0' });
  const ledger = { SIMULATOR_DATA: path.join(directory, 'simulator'), SIMULATOR_RECEIPTS_URL: url('api') };
  await start('simulator', { ...FREE_PORTS, ...ledger }, /simulator: (\S+)/);
  const file = path.join(directory, 'providers.json');
  writeFileSync(file, JSON.stringify(accounts(url('simulator'), url('api'), echo.url)));
  await Promise.all([
    start('worker', { ...env, WORKER_PORT: '0', PROVIDERS_FILE: file, SEND_TIMEOUT_MS: '1000' }),
    start('dashboard', { ...env, DASHBOARD_PORT: '0', API_URL: url('api') }),
  ]);

  const stopPrograms = async (): Promise<void> => {
    await Promise.all([...programs.values()].map((program) => program.stop()));
  };
  const metricsOf = async (name: Name): Promise<string> => {
    const headers = { authorization: `Bearer ${PLANTED.metricsToken}` };
    const answer = await fetch(`${new URL(url(name)).origin}/metrics`, { headers });
    if (!answer.ok) throw new Error(`/metrics of ${name}: ${answer.status}`);
    return answer.text();
  };
  return {
    plants,
    key,
    stranger,
    echo,
    collector,
    errors,
    sql,
    ...proxies,
    url,
    output: (name) => programs.get(name)!.output(),
    async emitted() {
      const all = new Map<string, string>();
      for (const [name, program] of programs) all.set(`the output of ${name}`, program.output());
      for (const name of ['api', 'worker', 'dashboard'] as const)
        all.set(`the metrics of ${name}`, await metricsOf(name));
      all.set('spans', collector.raw.join('\n'));
      all.set('error reports', errors.raw.join('\n'));
      all.set('Redis', (await redisContents(redis.url)).join('\n'));
      return all;
    },
    stopPrograms,
    async stop() {
      await stopPrograms();
      for (const each of [proxies.database, proxies.redis, collector, errors, echo]) await each.close();
      rmSync(directory, { recursive: true, force: true });
      await user.remove();
      await sql.end();
      await redis.clean();
      await database.drop();
    },
  };
}

/** A user of both servers whose passwords can be searched for. */
async function serverUser(
  sql: postgres.Sql,
  redisUrl: string,
): Promise<{ name: string; remove(): Promise<void> }> {
  const name = `u${unlike()}`;
  const acl = async (...words: string[]): Promise<void> => {
    const client = new Redis(redisUrl, { maxRetriesPerRequest: 3 });
    await client.call('ACL', ...words).finally(() => client.disconnect());
  };
  await sql.unsafe(`create role ${name} superuser login password '${PLANTED.databasePassword}'`);
  await acl('SETUSER', name, 'on', `>${PLANTED.redisPassword}`, '~*', '&*', '+@all');
  return {
    name,
    async remove() {
      await sql.unsafe(`drop role ${name}`);
      await acl('DELUSER', name);
    },
  };
}

/** The same server by another way. */
function through(url: string, { port }: TcpProxy, username: string, password: string): string {
  const other = new URL(url);
  Object.assign(other, { hostname: '127.0.0.1', port: String(port), username, password });
  return other.href;
}

async function newKey(sql: postgres.Sql, plants: Plants, name: string): Promise<string> {
  const appId = await insertApp(sql);
  const made = createApiKey('live');
  await sql`
    insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
    values (${made.keyId}, ${appId}, 'live', ${name}, ${made.secretHash}, ${['admin']})`;
  plants.add(`secret of the API key of ${name}`, made.secret);
  return made.text;
}

/** Three that quote what they are sent, and the simulator for an e-mail that no other account takes. */
function accounts(simulator: string, api: string, echo: string): object[] {
  const address = {
    httpUrl: simulator,
    tlsHost: '127.0.0.1',
    tlsPort: 1,
    caFile: '/none',
    smtpUrl: 'smtp://127.0.0.1:1',
    apiUrl: api,
  };
  const [resend, twilio, push, sendgrid] = ['resend', 'twilio', 'generic-push', 'sendgrid'].map((id) => {
    return simulatorAccounts(address).find((account) => account.id === id)!;
  });
  return [
    {
      ...resend,
      baseUrl: echo,
      credentials: { apiKey: PLANTED.providerKey },
      receipts: { secrets: [PLANTED.receiptSecret] },
      order: 1,
    },
    {
      ...twilio,
      baseUrl: echo,
      credentials: { accountSid: 'AC00000000000000000000000000000000', authToken: PLANTED.providerToken },
    },
    { ...push, url: `${echo}/${PLANTED.gatewayPath}`, credentials: { secret: PLANTED.sharedSecret } },
    { ...sendgrid, order: 2 },
  ];
}
