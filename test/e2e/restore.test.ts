import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createApiKey } from '@carillon/core/access/api-key';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import { notificationId } from '@carillon/core/text/ids';
import { FAST_START } from '@carillon/local/fast-start';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import postgres, { type Sql } from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiProcess, apiProcess } from '../support/api-process.ts';
import { emptyDatabase, type TestDatabase, testDatabase } from '../support/database.ts';
import { type TestRedis, testRedis } from '../support/redis.ts';
import { insertApp } from '../support/rows.ts';
import { until } from '../support/until.ts';
import { type WorkerProcess, workerProcess } from '../support/worker-process.ts';

/**
 * The drill of docs/backup.md with the real programs: a backup is taken while messages flow, the programs go on, the
 * database is lost, an older moment is restored, and clients repeat what they sent since. Counted at the providers.
 */
const ADMIN = path.join(import.meta.dirname, '../../apps/admin/src/main.ts');
const KEYS = `k1:${randomBytes(32).toString('base64')}`;

/** How a message leaves: by a provider with keys, one that can be asked, and one with neither. */
const WAYS = ['resend', 'twilio', 'smtp'] as const;
type Way = (typeof WAYS)[number];
/** Accepted: long before the backup; just before it; after it. */
type Time = 'before' | 'open' | 'after';

interface Message {
  id: string;
  key: string;
  to: string;
  way: Way;
  time: Time;
  priority: Priority;
}

const COUNTS = { before: 20, openNormal: 15, openBulk: 120, after: 20 } as const;
/** Messages a second of each account: so that the programs are lost in the middle of their work. */
const RATE = 12;

class Drill {
  readonly messages: Message[] = [];
  /** The newest backup. */
  backup!: { dir: string; taken_at: string };
  suspects!: number;
  /** Copies at the providers when the programs were lost. */
  lost!: Map<string, number>;
  simulator!: SimulatorUnderTest;
  redis: TestRedis = testRedis();
  database!: TestDatabase;
  sql!: Sql;
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-drill-'));
  private api: ApiProcess | null = null;
  private worker: WorkerProcess | null = null;
  private url = '';
  private appId = '';
  private made = 0;
  private readonly keys = new Map<Environment, string>();

  /** Redis is lost with the database; else it is newer than the restored one. */
  readonly losesRedis: boolean;

  constructor(losesRedis: boolean) {
    this.losesRedis = losesRedis;
  }

  async begin(): Promise<void> {
    this.simulator = await simulatorUnderTest();
    await this.use(await testDatabase());
    await this.sql`update installation set id = ${randomUUID()}`;
    this.appId = await insertApp(this.sql);
    for (const environment of ['live', 'test'] as const) {
      const made = createApiKey(environment);
      await this.sql`
        insert into api_keys (id, app_id, environment, name, secret_hash, scopes)
        values (${made.keyId}, ${this.appId}, ${environment}, 'drill', ${made.secretHash}, ${['admin']})`;
      this.keys.set(environment, made.text);
    }
    await this.start();
  }

  async use(database: TestDatabase): Promise<void> {
    this.database = database;
    this.sql = postgres(database.url, { max: 2, onnotice: () => {} });
  }

  /** Of the programs: an API and a worker with all roles. */
  async start(): Promise<void> {
    const { httpUrl, tlsPort, caFile, smtpUrl } = this.simulator;
    const accounts = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl })
      .filter(({ id }) => (WAYS as readonly string[]).includes(id))
      .map((account) => ({
        ...account,
        environments: [account.id === 'smtp' ? 'live' : 'test'],
        ratePerSecond: RATE,
        ...(account.id === 'twilio' ? { lookupSettlesMs: 300 } : {}),
      }));
    const shared = { ENCRYPTION_KEYS: KEYS, NAMESPACE: this.redis.namespace };
    const where = {
      databaseUrl: this.database.url,
      redisUrl: this.redis.url,
      namespace: this.redis.namespace,
    };
    this.worker = await workerProcess(where, accounts, ['critical', 'normal', 'bulk'], {
      ENCRYPTION_KEYS: KEYS,
      WORKER_LEASE_SECONDS: '5',
    });
    this.api = apiProcess({
      ...shared,
      DATABASE_URL: this.database.url,
      API_PORT: '0',
      REDIS_URL: this.redis.url,
    });
    this.url = await this.api.listens();
  }

  /** Accepts new messages by every way, in one batch for each. */
  async accept(time: Time, priority: Priority, count: number): Promise<void> {
    for (const way of WAYS) {
      const made = Array.from({ length: count }, () => this.make(way, time, priority));
      await this.post(way, made);
      this.messages.push(...made);
    }
  }

  /** A client that has no answer, or learns of the restore, makes the same requests again. */
  async repeat(time: Time): Promise<void> {
    for (const way of WAYS)
      await this.post(
        way,
        this.messages.filter((each) => each.way === way && each.time === time),
      );
  }

  ledger = async (): Promise<Map<string, number>> => {
    const copies = new Map<string, number>();
    for (const { to } of await this.simulator.ledger()) copies.set(to, (copies.get(to) ?? 0) + 1);
    return copies;
  };

  async states(): Promise<Map<string, string>> {
    const rows = await this.sql<{ id: string; state: string; due: Date | null }[]>`
      select id, state, next_attempt_at as due from notifications`;
    return new Map(
      rows.map(({ id, state, due }) => [
        id,
        state === 'in_doubt' && due === null ? 'waits_for_person' : state,
      ]),
    );
  }

  /** Waits until all of these are so; else says what they are instead. */
  async become(messages: readonly Message[], states: readonly string[], timeoutMs = 60_000): Promise<void> {
    const others = async () => {
      const known = await this.states();
      return messages.filter(({ id }) => !states.includes(known.get(id) ?? 'gone')).map(({ id }) => id);
    };
    try {
      await until('messages to be settled', async () => (await others()).length === 0, { timeoutMs });
    } catch (error) {
      const ids = await others();
      const rows = await this.sql`
        select channel, priority, state, next_attempt_at is null as asked, h.reason, count(*)::int
        from notifications left join lateral (
          select reason from notification_history where notification_id = notifications.id order by id desc limit 1
        ) h on true
        where id = any (${ids}::uuid[]) group by 1, 2, 3, 4, 5 limit 20`;
      throw new Error(
        `${ids.length} are not ${states.join(' or ')}: ${JSON.stringify(rows, null, 1)}\n${this.worker?.output().slice(-3000)}`,
        { cause: error },
      );
    }
  }

  of(which: Partial<Pick<Message, 'way' | 'time' | 'priority'>>): Message[] {
    return this.messages.filter((message) =>
      Object.entries(which).every(([name, value]) => message[name as 'way'] === value),
    );
  }

  /** kill -9 of all programs. */
  async lose(): Promise<void> {
    this.worker?.signal('SIGKILL');
    this.api?.child.kill('SIGKILL');
    await Promise.all([this.worker?.exit, this.api?.exit]);
    await this.worker?.stop();
    await this.sql.end();
    await this.database.drop();
  }

  /** @returns what it says with --json. */
  async admin<Said>(...line: string[]): Promise<Said> {
    const child = spawn(process.execPath, [...FAST_START.args, ADMIN, ...line, '--json'], {
      env: {
        PATH: process.env.PATH,
        ...FAST_START.env,
        NODE_ENV: 'test',
        DATABASE_URL: this.database.url,
        ENCRYPTION_KEYS: KEYS,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`carillon-admin ${line.join(' ')}: ${err}`);
    return JSON.parse(out);
  }

  async end(): Promise<void> {
    await Promise.all([this.worker?.stop(), this.stopApi()]);
    await this.sql.end();
    await this.database.drop();
    await this.redis.clean();
    await this.simulator.end();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private async stopApi(): Promise<void> {
    this.api?.child.kill('SIGTERM');
    await this.api?.exit;
  }

  private make(way: Way, time: Time, priority: Priority): Message {
    const key = randomUUID();
    // A number each: a copy to one of two with the same number would count for both.
    const number = String(++this.made).padStart(9, '0');
    const to = way === 'twilio' ? `+4930${number}` : `${way}-${key}@example.test`;
    const id = notificationId(this.appId, environmentOf(way), key);
    return { id, key, to, way, time, priority };
  }

  private async post(way: Way, messages: readonly Message[]): Promise<void> {
    const notifications = messages.map(({ key, to, priority }) => ({
      to: way === 'twilio' ? { phone: to } : { email: to },
      channel: way === 'twilio' ? 'sms' : 'email',
      priority,
      idempotency_key: key,
      content: way === 'twilio' ? { text: `Text ${key}` } : { subject: 'Drill', text: `Text ${key}` },
    }));
    const answer = await fetch(`${this.url}/v1/notifications/batch`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${this.keys.get(environmentOf(way))}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ notifications }),
    });
    const body = (await answer.json()) as { results: { id: string; error?: unknown }[] };
    expect(
      body.results?.map(({ id }) => id),
      JSON.stringify(body),
    ).toEqual(messages.map(({ id }) => id));
  }
}

const environmentOf = (way: Way): Environment => (way === 'smtp' ? 'live' : 'test');
const FINAL_OR_ASKED = ['sent', 'delivered', 'waits_for_person'];

/** Side by side: most of their time is waiting for leases, rate limits and looks that come once a minute. */
const drills = [new Drill(true), new Drill(false)];
const inEach = (step: (drill: Drill) => Promise<void>) => () =>
  Promise.all(
    drills.map((drill) =>
      step(drill).catch((error: Error) => {
        throw new Error(`where Redis is ${drill.losesRedis ? 'lost' : 'newer'}: ${error.message}`, {
          cause: error,
        });
      }),
    ),
  );

beforeAll(
  inEach((drill) => drill.begin()),
  120_000,
);
afterAll(
  inEach((drill) => drill.end()),
  120_000,
);

test(
  'a backup is taken while messages flow, and the programs are lost later, in the middle of their work',
  inEach(async (drill) => {
    await drill.accept('before', 'normal', COUNTS.before);
    await drill.become(drill.of({ time: 'before' }), ['sent']);
    await drill.accept('open', 'bulk', COUNTS.openBulk);
    await drill.accept('open', 'normal', COUNTS.openNormal);
    drill.backup = await drill.admin('backup', '--to', drill.dir);
    await drill.accept('after', 'normal', COUNTS.after);
    await until(
      'what was accepted after the backup to be sent',
      async () => {
        const copies = await drill.ledger();
        return drill.of({ priority: 'normal' }).every(({ to }) => copies.has(to));
      },
      { timeoutMs: 60_000, everyMs: 20 },
    );
    await drill.lose();
    drill.lost = await drill.ledger();
    const { lost, backup } = drill;
    // Otherwise this drill would show nothing: by each way some of what the backup knew was sent since, and some was not.
    const ledger = await drill.simulator.ledger();
    for (const way of WAYS) {
      const open = drill.of({ way, time: 'open' });
      const since = new Set(ledger.filter(({ at }) => at > backup.taken_at).map(({ to }) => to));
      expect(open.filter(({ to }) => since.has(to)).length, `${way}: sent since`).toBeGreaterThan(0);
      expect(open.filter(({ to }) => !lost.has(to)).length, `${way}: unsent`).toBeGreaterThan(0);
    }
    expect([...lost.values()].every((count) => count === 1)).toBe(true);
  }),
  180_000,
);

test(
  'restored, what the backup knew and what clients repeat is settled; no bulk message leaves',
  inEach(async (drill) => {
    if (drill.losesRedis) await drill.redis.clean();
    await drill.use(await emptyDatabase());
    ({ suspects: drill.suspects } = await drill.admin<{ suspects: number }>(
      'restore',
      'load',
      drill.backup.dir,
    ));
    expect(drill.suspects).toBeGreaterThan(0);
    await drill.start();
    await drill.repeat('after');
    await drill.become(drill.of({ priority: 'normal' }), FINAL_OR_ASKED);
    const copies = await drill.ledger();
    for (const { to } of drill.of({ priority: 'bulk' })) expect(copies.get(to)).toBe(drill.lost.get(to));
  }),
  180_000,
);

test(
  'released by a person, bulk goes on; nothing is lost, and nothing is sent blindly a second time',
  inEach(async (drill) => {
    await expect(drill.admin('restore', 'release')).rejects.toThrow('restore review');
    await drill.admin('restore', 'review');
    await drill.admin('restore', 'release');
    // What was held back in its lane is looked at again after a minute.
    await drill.become(drill.messages, FINAL_OR_ASKED, 120_000);
    const [copies, states] = [await drill.ledger(), await drill.states()];
    const figures = WAYS.map((way) => {
      const messages = drill.of({ way });
      const copiesOf = ({ to }: Message): number => copies.get(to) ?? 0;
      return {
        way,
        messages: messages.length,
        twice: messages.filter((each) => copiesOf(each) > 1).length,
        unsent: messages.filter((each) => copiesOf(each) === 0).length,
        asked: messages.filter(({ id }) => states.get(id) === 'waits_for_person').length,
        unsentUnasked: messages.filter(
          (each) => copiesOf(each) === 0 && states.get(each.id) !== 'waits_for_person',
        ).length,
      };
    });
    const review = await drill.admin<Record<'known' | 'repeated', Record<string, number>>>(
      'restore',
      'review',
    );
    // The figures of docs/backup.md.
    console.log(JSON.stringify({ losesRedis: drill.losesRedis, figures, review }));
    const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);
    expect(sum(review.known)).toBe(drill.suspects);
    expect(sum(review.repeated)).toBe(drill.of({ time: 'after' }).length);
    for (const fate of ['settled_by_key', 'settled_by_look_up', 'sent_now', 'waits_for_person'])
      expect(review.known[fate], fate).toBeGreaterThan(0);
    for (const { way, twice, unsentUnasked, unsent, asked } of figures) {
      expect(twice, `${way} twice`).toBe(0);
      expect(unsentUnasked, `${way} unsent`).toBe(0);
      if (way === 'smtp') expect(asked).toBeGreaterThan(0);
      else expect({ way, unsent, asked }).toEqual({ way, unsent: 0, asked: 0 });
    }
  }),
  180_000,
);
