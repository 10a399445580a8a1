import type { Channel } from '@carillon/core/channel';
import type { DeliveryPolicy } from '@carillon/core/delivery-policy';
import type { KeyRing } from '@carillon/core/envelope';
import { laneOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import { createLimiter } from '@carillon/providers/limiter';
import { buildAccounts, type RegisteredAccount, simulatorAccounts } from '@carillon/providers/registry';
import type { LedgerLine } from '@carillon/providers/simulator/ledger';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/providers/simulator/under-test';
import { ableAccounts } from '../../apps/worker/src/deliver/able-accounts.ts';
import { type CategoryBook, categoryBook } from '../../apps/worker/src/deliver/category-settings.ts';
import { createClaim } from '../../apps/worker/src/deliver/claim.ts';
import { deliver } from '../../apps/worker/src/deliver/deliver.ts';
import { emailParts } from '../../apps/worker/src/deliver/email-parts.ts';
import { createGuard } from '../../apps/worker/src/deliver/guard.ts';
import { UNRENEWED } from '../../apps/worker/src/deliver/leases.ts';
import { createPermit } from '../../apps/worker/src/deliver/permit.ts';
import { createRecord } from '../../apps/worker/src/deliver/record.ts';
import { createRender } from '../../apps/worker/src/deliver/render.ts';
import { createSeats } from '../../apps/worker/src/deliver/seats.ts';
import { createSend } from '../../apps/worker/src/deliver/send.ts';
import type { Steps } from '../../apps/worker/src/deliver/steps.ts';
import type { ResolveDeps, Settlement } from '../../apps/worker/src/maintain/resolve/deps.ts';
import { resolve } from '../../apps/worker/src/maintain/resolve.ts';
import { type LaneBundle, laneBundle } from './lanes.ts';
import { insertNotification } from './rows.ts';

/** What a doubt in a test is made of. */
export interface Given {
  priority?: Priority;
  /** A category of its own with this policy. */
  policy?: DeliveryPolicy;
  resolveWithinSeconds?: number;
  expiresAt?: Date;
  route?: Channel[];
}

export interface JournalRow {
  state: string;
  actor: string;
  reason: string;
  detail: Record<string, unknown> | null;
}

/** The real pipeline and the real resolver before the simulator; times are moved in the database, nobody sleeps. */
export interface ResolverUnderTest extends LaneBundle {
  simulator: SimulatorUnderTest;
  /** May be changed by a test, as an operator does. */
  accounts: RegisteredAccount[];
  /** What tests of single pieces need. */
  deps: ResolveDeps;
  settled: Settlement[];
  errors: unknown[];
  /** Delivers a new notification by this account, with whatever trouble was ordered, and returns its id. */
  send(account: string, given?: Given): Promise<string>;
  /** Delivers by this account what is there already. */
  deliver(account: string, id: string): Promise<void>;
  /** Delivers once more what the resolver has sent again. */
  deliverAgain(id: string): Promise<void>;
  /** Makes the doubt this much older, and due. */
  age(id: string, seconds: number): Promise<void>;
  resolveOnce(): Promise<number>;
  journal(id: string): Promise<JournalRow[]>;
  accepted(id: string): Promise<LedgerLine[]>;
}

const SEND_TIMEOUT_MS = 5000;
const LOOKUP_SETTLES_MS = 300;
/** ENCRYPTION_KEYS: an API with the same reads the links in these e-mails. */
export const RESOLVER_KEYS = `k:${Buffer.alloc(32, 7).toString('base64')}`;
const RING: KeyRing = { current: 'k', keys: new Map([['k', Buffer.alloc(32, 7)]]) };

export async function resolverUnderTest(): Promise<ResolverUnderTest> {
  const [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
  const { sql } = bundle.db;
  const errors: unknown[] = [];
  const settled: Settlement[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const accounts = accountsAt(simulator);
  const limiter = createLimiter({ redisUrl: bundle.redisUrl, namespace: bundle.namespace, onError });
  const book: CategoryBook = categoryBook(sql, { onError: (_, error) => onError(error) });
  const mail = emailParts({
    sql,
    config: { PUBLIC_BASE_URL: 'https://api.test', ENCRYPTION_KEYS: RING, WEBHOOKS_ALLOW_PRIVATE: true },
    categories: book,
    log: { warn: onError },
  });
  const common = {
    guard: createGuard({ sql, onError }),
    render: createRender(sql, mail.links),
    attach: mail.attach,
    permit: createPermit({
      limiter,
      seats: createSeats(),
      breakers: { isOpen: () => false },
      seatWaitMs: 2000,
    }),
    send: createSend(SEND_TIMEOUT_MS),
    record: createRecord({ sql, alternativesTo: () => ({}), onOutcome: () => {} }),
  };
  const stepsOf = (account: RegisteredAccount, priority: Priority): Steps => ({
    ...common,
    claim: createClaim({
      sql,
      lane: laneOf(account.adapter.channel, priority),
      expectedProvider: () => account.id,
    }),
    choose: async () => ({ ok: true, account }),
  });
  const deps: ResolveDeps = {
    sql,
    accounts,
    ableAccounts: ableAccounts(accounts),
    categories: book,
    steps: common,
    leases: UNRENEWED,
    admits: () => ({ admitted: true }),
    left: () => {},
    wake: () => {},
    onSettled: (how) => settled.push(how),
    onError,
  };
  const duty = resolve(deps);
  const chosen = new Map<string, Steps>();

  return {
    ...bundle,
    simulator,
    accounts,
    deps,
    settled,
    errors,
    async send(name, given = {}) {
      const account = accounts.find(({ id }) => id === name);
      if (!account) throw new Error(`no account ${name}`);
      const { channel } = account.adapter;
      const { priority = 'normal', expiresAt = null, route = [channel] } = given;
      const id = await insertNotification(sql, { appId: bundle.appId, channel, route, priority, expiresAt });
      if (channel === 'push') {
        const push = { fcm_token: `token-${id}` };
        await sql`
          update notifications set address = ${JSON.stringify({ push })}::text::jsonb,
            content = ${JSON.stringify({ title: 'Hello', body: 'You' })}::text::jsonb
          where id = ${id}`;
      }
      if (given.policy) {
        await sql`
          insert into categories (app_id, environment, name, delivery_policy, resolve_within_seconds)
          values (${bundle.appId}, 'test', ${id}, ${given.policy}, ${given.resolveWithinSeconds ?? null})`;
        await sql`update notifications set category = ${id} where id = ${id}`;
        await book.refresh();
      }
      const steps = stepsOf(account, priority);
      chosen.set(id, steps);
      await deliver(id, steps);
      return id;
    },
    async deliver(name, id) {
      const account = accounts.find((each) => each.id === name)!;
      const [row] = await sql<[{ priority: Priority }]>`select priority from notifications where id = ${id}`;
      await book.refresh();
      const steps = stepsOf(account, row.priority);
      chosen.set(id, steps);
      await deliver(id, steps);
    },
    deliverAgain: async (id) => void (await deliver(id, chosen.get(id)!)),
    async age(id, seconds) {
      await sql`
        update delivery_attempts set started_at = started_at - ${seconds} * interval '1 second',
          finished_at = finished_at - ${seconds} * interval '1 second'
        where notification_id = ${id}`;
      await sql`
        update notifications set next_attempt_at = now() where id = ${id} and next_attempt_at is not null`;
    },
    resolveOnce: () => duty.runOnce(),
    journal: async (id) => sql<JournalRow[]>`
      select state, actor, reason, detail from notification_history where notification_id = ${id} order by id`,
    accepted: async (id) => (await simulator.ledger()).filter((line) => line.notification_id === id),
    close: async () => {
      await book.stop();
      await mail.close();
      await Promise.all(accounts.map(({ adapter }) => adapter.close()));
      await limiter.close();
      await simulator.end();
      await bundle.close();
    },
  };
}

function accountsAt({ httpUrl, tlsPort, caFile, smtpUrl }: SimulatorUnderTest): RegisteredAccount[] {
  const settings = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl }).map(
    (account) =>
      account.provider === 'twilio' ? { ...account, lookupSettlesMs: LOOKUP_SETTLES_MS } : account,
  );
  return buildAccounts(settings, { storeInboxMessage: async () => {} });
}
