import type { Channel } from '@carillon/core/notification/channel';
import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { laneOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import type { Restore } from '@carillon/core/notification/restore';
import { createLimiter } from '@carillon/limiter/limiter';
import { buildAccounts, type RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { LedgerLine } from '@carillon/simulator/ledger';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { type CategoryBook, categoryBook } from '../../apps/worker/src/deliver/category-settings.ts';
import type { LaneContext } from '../../apps/worker/src/deliver/context.ts';
import { deliver } from '../../apps/worker/src/deliver/deliver.ts';
import { openDelivery } from '../../apps/worker/src/deliver/open-lane.ts';
import { type DeliveryReport, NO_REPORT } from '../../apps/worker/src/deliver/report.ts';
import { guardedGet } from '../../apps/worker/src/events/guarded-get.ts';
import type { ResolveContext, Settlement } from '../../apps/worker/src/maintenance/resolve/context.ts';
import { resolve } from '../../apps/worker/src/maintenance/resolve.ts';
import { laneContext, laneParts } from './delivery-context.ts';
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

/** The real pipeline and the real resolver before the simulator; times are moved in the database, without sleeps. */
export interface ResolverUnderTest extends LaneBundle {
  simulator: SimulatorUnderTest;
  /** May be changed by a test, as an operator does. */
  accounts: RegisteredAccount[];
  /** What tests of single pieces need. */
  context: ResolveContext;
  settled: Settlement[];
  errors: unknown[];
  /** The last restore of the database, as the process knows it. */
  known: { restore: Restore | null };
  /** Delivers a new notification by this account, with the fault that was set, and returns its id. */
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

/** @param report takes what deliveries and the resolver report; default nobody. */
export async function resolverUnderTest(report: DeliveryReport = NO_REPORT): Promise<ResolverUnderTest> {
  const [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
  const { sql } = bundle.db;
  const errors: unknown[] = [];
  const settled: Settlement[] = [];
  const known: ResolverUnderTest['known'] = { restore: null };
  const onError = (error: unknown): void => void errors.push(error);
  const accounts = await accountsAt(simulator);
  const limiter = createLimiter({ redisUrl: bundle.redisUrl, namespace: bundle.namespace, onError });
  const book: CategoryBook = categoryBook(sql, { onError: (_, error) => onError(error) });
  const files = guardedGet({ allowPrivate: true });
  const parts = laneParts({
    sql,
    accounts,
    categories: book,
    limiter,
    files,
    links: { baseUrl: 'https://api.test', ring: RING },
    sendTimeoutMs: SEND_TIMEOUT_MS,
    restore: () => known.restore,
    report,
    onError,
  });
  /** A lane with this account alone. */
  const laneOfOne = (account: RegisteredAccount, priority: Priority): LaneContext =>
    laneContext({ ...parts, accounts: [account], lane: laneOf(account.adapter.channel, priority) });
  const context: ResolveContext = {
    ...openDelivery(parts),
    breakers: {
      ...parts.breakers,
      admitsRepeat: () => ({ admitted: true, isTrial: false }),
      leftRepeat: () => {},
    },
    categories: book,
    wake: () => {},
    onSettled: (how) => settled.push(how),
  };
  const duty = resolve(context);
  const chosen = new Map<string, LaneContext>();

  return {
    ...bundle,
    simulator,
    accounts,
    context,
    settled,
    errors,
    known,
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
      const lane = laneOfOne(account, priority);
      chosen.set(id, lane);
      await deliver(lane, id);
      return id;
    },
    async deliver(name, id) {
      const account = accounts.find((each) => each.id === name)!;
      const [row] = await sql<[{ priority: Priority }]>`select priority from notifications where id = ${id}`;
      await book.refresh();
      const lane = laneOfOne(account, row.priority);
      chosen.set(id, lane);
      await deliver(lane, id);
    },
    deliverAgain: async (id) => void (await deliver(chosen.get(id)!, id)),
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
      await files.close();
      await Promise.all(accounts.map(({ adapter }) => adapter.close()));
      await limiter.close();
      await simulator.end();
      await bundle.close();
    },
  };
}

function accountsAt({ httpUrl, tlsPort, caFile, smtpUrl }: SimulatorUnderTest): Promise<RegisteredAccount[]> {
  const settings = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl }).map(
    (account) =>
      'lookupSettlesMs' in account ? { ...account, lookupSettlesMs: LOOKUP_SETTLES_MS } : account,
  );
  return buildAccounts(settings, { storeInboxMessage: async () => true });
}
