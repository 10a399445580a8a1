import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { capsOn, reachedCap } from '@carillon/core/notification/caps';
import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { addressOf, composeFor } from '@carillon/core/notification/compose';
import { nextState } from '@carillon/core/notification/next-state';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { admissionBy } from '@carillon/core/provider/admission';
import type { Breaker } from '@carillon/core/provider/breaker';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import { addressHash } from '@carillon/core/recipient/suppression';
import { RENDER_HERE } from '@carillon/core/template/render/budgeted-render';
import { sharedTurns } from '@carillon/core/template/render/shared-turns';
import { notificationId } from '@carillon/core/text/ids';
import type { NewNotification } from '@carillon/db/notifications/accept-notifications';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { type Explanation, explainBy } from '@carillon/services/notifications/explain';
import { type ExplainFacts, onChannel, serves } from '@carillon/services/notifications/explain-facts';
import { render } from '@carillon/services/notifications/render';
import fc from 'fast-check';
import type { Sql } from 'postgres';
import { expect, test } from 'vitest';
import { laneContext } from '../../../../test/support/delivery-context.ts';
import { DEFAULT_SETTINGS } from './category-settings.ts';
import { choose } from './choose.ts';
import type { Claimed } from './claimed.ts';
import type { LaneContext } from './context.ts';
import { guard } from './guard.ts';

/** Everything that decides about one message, at one frozen moment. */
interface World {
  row: NewNotification;
  now: number;
  preferences: ExplainFacts['preferences'];
  contactPoints: ExplainFacts['contactPoints'];
  /** Addresses in the list of suppressions. */
  suppressed: readonly { channel: Channel; address: string }[];
  uses: { channel: Channel; category: string | null; ageMs: number }[];
  /** What the category says for everybody. */
  rule: CategoryRule;
  accounts: RegisteredAccount[];
  breakers: ReadonlyMap<string, Breaker>;
}

const APP = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const NOW = Date.parse('2026-03-10T12:00:00Z');
const DAY_MS = 86_400_000;
const ADDRESSES = { email: 'ada@example.test', sms: '+15005550006', push: 'token-1' } as const;

const providers = {
  email: ['resend', 'smtp'],
  sms: ['twilio', 'generic'],
  push: ['fcm', 'apns'],
  in_app: ['inbox'],
};
const accounts = CHANNELS.flatMap((channel) =>
  providers[channel].map(
    (provider): fc.Arbitrary<RegisteredAccount | null> =>
      fc
        .option(
          fc.record({
            order: fc.integer({ min: 1, max: 2 }),
            weight: fc.integer({ min: 1, max: 9 }),
            live: fc.boolean(),
            local: fc.boolean(),
          }),
          { freq: 4 },
        )
        .map(
          (given) =>
            given && {
              id: `${provider}-${channel}`,
              order: given.order,
              weight: given.weight,
              environments: given.live ? ['live', 'test'] : ['test'],
              ...(given.local ? { prefixes: ['+234'] } : {}),
              adapter: {
                provider,
                channel,
                guarantee: 'B',
                serves: (message) => serves({ provider, channel }, message),
                send: () => Promise.reject(new Error('nothing is sent here')),
                close: async () => {},
              },
            },
        ),
  ),
);
const time = fc.integer({ min: -DAY_MS, max: DAY_MS });
const clockTime = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30'))
  .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${minute}`);
const preferences = fc.record({
  channels: fc.dictionary(fc.constantFrom(...CHANNELS), fc.boolean(), { maxKeys: 2 }),
  categories: fc.dictionary(
    fc.constantFrom('news', 'billing'),
    fc.oneof(fc.boolean(), fc.dictionary(fc.constantFrom(...CHANNELS), fc.boolean())),
    { maxKeys: 2 },
  ),
  // Seldom: what is paused is held before anything else is looked at.
  paused_until: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: time.map((ms) => new Date(NOW + ms).toISOString()) },
  ),
  quiet_hours: fc.option(
    fc.record({
      start: clockTime,
      end: clockTime,
      time_zone: fc.constantFrom('UTC', 'Africa/Lagos', 'America/New_York'),
    }),
  ),
  caps: fc.array(
    fc.record(
      {
        max: fc.integer({ min: 1, max: 2 }),
        window_seconds: fc.constantFrom(60, 3600),
        channel: fc.constantFrom(...CHANNELS),
        category: fc.constantFrom('news', 'billing'),
      },
      { requiredKeys: ['max', 'window_seconds'] },
    ),
    { maxLength: 2 },
  ),
});
const person = fc.record({
  recipient_id: fc.option(fc.constant('ada'), { nil: undefined, freq: 5 }),
  points: fc.subarray([
    { kind: 'email', address: ADDRESSES.email, keys: null },
    { kind: 'phone', address: ADDRESSES.sms, keys: null },
    { kind: 'fcm', address: ADDRESSES.push, keys: null },
    { kind: 'apns', address: 'token-2', keys: null },
  ] as const),
  direct: fc.subarray(['email', 'phone'] as const),
  preferences: fc.option(preferences, { freq: 5 }),
});

const world: fc.Arbitrary<World> = fc
  .record({
    person,
    route: fc.shuffledSubarray([...CHANNELS], { minLength: 1 }),
    priority: fc.constantFrom(...PRIORITIES),
    category: fc.constantFrom(undefined, 'news', 'billing'),
    key: fc.string({ minLength: 1 }),
    expiresIn: fc.option(fc.integer({ min: -DAY_MS / 8, max: 2 * DAY_MS }), { nil: undefined }),
    sendIn: fc.option(time, { nil: undefined, freq: 2 }),
    suppressed: fc.subarray(
      Object.entries(ADDRESSES).map(([channel, address]) => ({ channel: channel as Channel, address })),
    ),
    uses: fc.array(
      fc.record({
        channel: fc.constantFrom(...CHANNELS),
        category: fc.constantFrom(null, 'news'),
        ageMs: fc.integer({ min: 0, max: 7_200_000 }),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    rule: fc.record({ defaultOn: fc.boolean(), locked: fc.boolean() }),
    accounts: fc.tuple(...accounts),
    states: fc.array(fc.constantFrom('closed', 'open', 'half_open'), {
      minLength: accounts.length,
      maxLength: accounts.length,
    }),
  })
  .map(({ person, route, key, expiresIn, sendIn, suppressed, uses, states, ...given }): World => {
    const known = person.recipient_id !== undefined;
    const address = {
      ...(person.direct.includes('email') ? { email: ADDRESSES.email } : {}),
      ...(person.direct.includes('phone') ? { phone: ADDRESSES.sms } : {}),
    };
    const inOrder = given.accounts.filter((each) => each !== null).sort((a, b) => a.order - b.order);
    return {
      row: {
        id: notificationId(APP, 'live', key),
        app_id: APP,
        environment: 'live',
        priority: given.priority,
        channel: route[0]!,
        route,
        recipient_id: person.recipient_id,
        address: Object.keys(address).length === 0 ? undefined : address,
        category: given.category,
        content: { subject: 'S', text: 'T', title: 'T', body: 'B' },
        idempotency_key: key,
        request_hash: '',
        send_at: sendIn === undefined ? undefined : new Date(NOW + sendIn).toISOString(),
        expires_at: expiresIn === undefined ? undefined : new Date(NOW + expiresIn).toISOString(),
      },
      now: NOW,
      preferences: known ? person.preferences : null,
      contactPoints: known ? [...person.points] : null,
      suppressed,
      uses,
      rule: given.rule,
      accounts: inOrder,
      breakers: new Map(
        inOrder.map(({ id }, index) => [
          id,
          {
            account: id,
            state: states[index]!,
            heldBy: null,
            reason: null,
            changedAt: new Date(NOW),
            probeAt: new Date(NOW + 3000),
            coolDownSeconds: 5,
          },
        ]),
      ),
    };
  });

const capFor = ({ row, preferences, uses }: World, channel: Channel) => {
  const caps = capsOn(preferences?.caps ?? [], { channel, category: row.category ?? null });
  return reachedCap(
    caps,
    uses.map((use, n) => ({ ...use, notificationId: `other-${n}` })),
    row.id,
  );
};

/** The world as a dry run reads it: all facts before the first decision. */
function explained(given: World): Promise<Explanation> {
  const { row, contactPoints } = given;
  const facts: ExplainFacts = {
    ...given,
    suppressions: new Map(
      row.route.flatMap((channel) => {
        const addressed = composeFor(onChannel(row, channel, contactPoints))?.({});
        const isIn =
          addressed &&
          given.suppressed.some((each) => each.channel === channel && each.address === addressOf(addressed));
        return isIn ? [[channel, 'bounce'] as const] : [];
      }),
    ),
    caps: new Map(
      row.route.flatMap((channel) => {
        const cap = capFor(given, channel);
        return cap ? [[channel, cap] as const] : [];
      }),
    ),
    category: { ...DEFAULT_SETTINGS, ...given.rule },
    waitsInLine: false,
  };
  return explainBy(row, facts, (rendered, compose) => render(rendering, rendered, compose));
}

const NO_SQL = undefined as unknown as Sql;
const rendering = {
  sql: NO_SQL,
  templates: new Map(),
  origins: new Map(),
  groups: { findPersonal: async () => ({ timeZone: null, locale: null }) },
  categories: { settingsFor: () => DEFAULT_SETTINGS },
  links: null,
  renderer: RENDER_HERE,
  turns: sharedTurns(),
};

type Ended = Pick<Explanation, 'would' | 'channel' | 'account'> & { at: number | null; reason: string };

/** The same world as the steps of deliveries read it, one look-up after the other, from channel to channel. */
async function delivered(given: World): Promise<Ended> {
  const { row } = given;
  const at = Math.max(given.now, row.send_at === undefined ? 0 : Date.parse(row.send_at));
  const lane = laneOf(given, at);
  let { channel } = row;
  for (;;) {
    const claimed = claimedBy(given, channel);
    const step = await attempt(lane, claimed);
    if ('account' in step) return { would: 'send', at, channel, account: step.account, reason: '' };
    const next =
      step.end.kind === 'impossible'
        ? nextState(claimed, step.end, 0)
        : nextState(claimed, step.end as never);
    if (next.nextChannel) {
      channel = next.nextChannel;
      continue;
    }
    const dueInMs = 'dueInMs' in next ? next.dueInMs : null;
    const reason = 'reason' in next ? (next.reason as string) : String((next as { error?: string }).error);
    if (dueInMs !== null) return { would: 'hold', at: at + dueInMs, channel, account: null, reason };
    return { would: next.state === 'failed' ? 'fail' : 'skip', at: null, channel, account: null, reason };
  }
}

async function attempt(
  lane: LaneContext,
  claimed: Claimed,
): Promise<{ account: string } | { end: AttemptEnd }> {
  const guarded = await guard(lane, claimed);
  if (!guarded.ok) return guarded;
  const rendered = await render(lane, claimed, guarded.compose);
  if (!rendered.ok) return rendered;
  const chosen = await choose(lane, claimed, rendered.message);
  return chosen.ok ? { account: chosen.account.id } : chosen;
}

/** The answers of PostgreSQL come from the world: the decisions are the product's. */
function laneOf(given: World, at: number): LaneContext {
  const { breakers } = given;
  const hashes = new Set(
    given.suppressed.map(({ channel, address }) => addressHash(APP, channel, address).toString('hex')),
  );
  const lane = laneContext({
    sql: NO_SQL,
    accounts: given.accounts,
    breakers: {
      admits: (account) => admissionBy(breakers.get(account), given.now),
      isOpen: (account) => breakers.get(account)?.state === 'open',
      began: () => ({ ended: () => {} }),
    },
    clock: { now: () => at, observe: () => {}, notBefore: (sentAt) => sentAt },
    onError: (error) => {
      throw error;
    },
  });
  Object.assign(lane, { categories: { settingsFor: () => ({ ...DEFAULT_SETTINGS, ...given.rule }) } });
  Object.assign(lane.groups, {
    findSuppression: async ({ hash }: { hash: Buffer }) =>
      hashes.has(hash.toString('hex')) ? 'bounce' : null,
    takeCap: async ({ channel }: { channel: Channel }) => capFor(given, channel),
    assignProvider: async () => true,
  });
  return lane;
}

function claimedBy({ row, now, preferences, contactPoints }: World, channel: Channel): Claimed {
  return {
    ...onChannel(row, channel, contactPoints),
    ...{
      id: row.id,
      route: [...row.route],
      priority: row.priority,
      options: null,
      address: row.address ?? null,
    },
    ...{ template_id: null, template_version: null, locale: null, data: null, content: row.content ?? null },
    expires_at: row.expires_at === undefined ? null : new Date(row.expires_at),
    ...{
      attempt_count: 1,
      tries: 1,
      category: row.category ?? null,
      ordering_key: null,
      origin_id: null,
      traceparent: null,
    },
    ...{ preferences, now: new Date(now), due_for: 0, settings_version: 0 },
    ...{ leaseToken: '', leaseEndsAt: 0, expectedProvider: '' },
  };
}

test('a dry run and the steps of a delivery end alike, over 10,000 people, preferences, suppressions, accounts and times', async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(world, async (given) => {
      const explanation = await explained(given);
      const end = await delivered(given);
      expect(explanation).toMatchObject({ would: end.would, channel: end.channel, account: end.account });
      const at = explanation.at?.getTime() ?? null;
      // A delivery spreads those that wait for a probe over a second.
      if (at === null || end.at === null) expect(at).toBe(end.at);
      else expect(end.at - at).toBeLessThanOrEqual(1001);
      expect(explanation.because.length).toBeGreaterThan(0);
      const last = explanation.because.at(-1)!;
      if (end.would !== 'send' && end.reason !== '' && last.code !== 'expired')
        expect(end.reason).toContain(last.detail);
      seen.set(last.code, (seen.get(last.code) ?? 0) + 1);
    }),
    { numRuns: 10_000 },
  );
  // Every outcome occurred: the worlds are worth comparing.
  const codes = [
    'account',
    'expired',
    'channel_opted_out',
    'category_opted_out',
    'category_channel_opted_out',
    'no_contact_point',
    'address_suppressed',
  ];
  codes.push(
    'expires_in_quiet_hours',
    'quiet_hours',
    'expires_in_pause',
    'paused',
    'cap_reached',
    'no_account',
    'breakers_open',
  );
  for (const code of codes) expect(seen.get(code) ?? 0, code).toBeGreaterThan(5);
}, 120_000);
