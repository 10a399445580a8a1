import { describe, expect, test } from 'vitest';
import {
  type CampaignEvidence,
  type CampaignSnapshot,
  type ConfirmedStop,
  type ConfirmedWish,
  judgeCampaign,
  madeFor,
} from './campaigns.ts';
import type { LedgerEntry } from './evidence.ts';

const CAMPAIGN = {
  id: 'f47ac10b-58cc-4372-8567-0e02b2c3d479',
  appId: '7d444840-9dc0-4d1b-8245-5ffdce74fad2',
  environment: 'test',
} as const;
const AUDIENCE = ['ada', 'bob', 'eve', 'gnu'];

const counts = (over: Partial<CampaignSnapshot['counts']> = {}): CampaignSnapshot['counts'] => ({
  planned: 4,
  remaining: 0,
  made: 3,
  not_made: { no_contact_point: 1 },
  open: 0,
  in_progress: 0,
  scheduled: 0,
  retrying: 0,
  in_doubt: 0,
  sent: 3,
  delivered: 0,
  failed: 0,
  dead: 0,
  suppressed: 0,
  skipped: 0,
  cancelled: 0,
  expired: 0,
  ...over,
});
const snapshot = (over: Partial<CampaignSnapshot> = {}): CampaignSnapshot => ({
  at: 90_000,
  state: 'done',
  isFrozen: true,
  counts: counts(),
  rows: { sent: 3 },
  ...over,
});
const made = (recipientId: string, state: CampaignEvidence['notifications'][number]['state'] = 'sent') => ({
  id: madeFor(CAMPAIGN, recipientId),
  recipientId,
  state,
});
const taken = (recipientId: string, at: number): LedgerEntry => ({
  seq: at,
  at,
  provider: 'smtp',
  notificationId: madeFor(CAMPAIGN, recipientId),
  attemptId: null,
});
const evidence = (over: Partial<CampaignEvidence> = {}): CampaignEvidence => ({
  ...CAMPAIGN,
  audience: AUDIENCE,
  snapshots: [snapshot()],
  endsAs: 'done',
  notifications: [made('ada'), made('bob'), made('eve')],
  notMade: [{ recipientId: 'gnu', reason: 'no_contact_point' }],
  waiting: [],
  stops: [],
  wishes: [],
  ...over,
});
const LEDGER = [taken('ada', 50_000), taken('bob', 60_000), taken('eve', 70_000)];
const rules = (over: Partial<CampaignEvidence> = {}, ledger: readonly LedgerEntry[] = LEDGER) =>
  judgeCampaign(evidence(over), ledger).map(({ rule }) => rule);

test('everybody made or left out, counted and sent: nothing to find', () => {
  expect(rules()).toEqual([]);
});

describe('counts_differ', () => {
  const found = (over: Partial<CampaignSnapshot['counts']>, rows: CampaignSnapshot['rows'] = { sent: 3 }) =>
    rules({ snapshots: [snapshot({ counts: counts(over), rows })] });

  test.each([
    ['a number below zero, which hides in sums that add up', { in_progress: -1, in_doubt: 1 }],
    ['a reason below zero', { not_made: { no_contact_point: 2, unknown: -1 } }],
    ['more planned than remain, were made and left out', { made: 2, sent: 2 }],
    ['more made than open and final', { sent: 2 }],
    ['open ones that do not add up', { open: 1, sent: 2 }],
    ['another state than the rows have', { sent: 2, delivered: 1 }],
  ])('%s', (_, over) => {
    expect(found(over)).toEqual(['counts_differ']);
  });

  test.each([
    ['fewer notifications than were made', { sent: 2 }],
    ['more notifications than were made', { sent: 3, queued: 1 }],
    ['as many in another final state', { sent: 2, failed: 1 }],
    ['as many in doubt', { sent: 2, in_doubt: 1 }],
  ])('%s', (_, rows) => {
    expect(found({}, rows)).toEqual(['counts_differ']);
  });

  test('every snapshot counts, not only the last one', () => {
    const early = snapshot({ state: 'running', counts: counts({ made: 4 }) });
    expect(rules({ snapshots: [early, snapshot()] })).toEqual(['counts_differ']);
  });

  test('open ones are those of the rows that are not final', () => {
    const running = snapshot({
      state: 'running',
      counts: counts({ sent: 0, open: 3, in_progress: 1, retrying: 1, in_doubt: 1 }),
      rows: { sending: 1, retrying: 1, in_doubt: 1 },
    });
    expect(rules({ snapshots: [running, snapshot()] })).toEqual([]);
  });
});

describe('planned_changed', () => {
  const planned = (n: number, isFrozen: boolean) =>
    rules({
      snapshots: [
        snapshot({ state: 'running', isFrozen, counts: counts({ planned: n, remaining: n - 4 }) }),
        snapshot(),
      ],
    });

  test('a frozen audience is planned as a whole, and nobody else', () => {
    expect(planned(5, true)).toEqual(['planned_changed']);
    expect(rules({ audience: [...AUDIENCE, 'yak'], waiting: ['yak'] })).toContain('planned_changed');
  });

  test('while it is being frozen, some of them may be missing, and nobody may be there twice', () => {
    expect(planned(5, false)).toEqual(['planned_changed']);
    const first = counts({ planned: 2, remaining: 2, made: 0, not_made: {}, sent: 0 });
    const freezing = snapshot({ state: 'running', isFrozen: false, counts: first, rows: {} });
    expect(rules({ snapshots: [freezing, snapshot()] })).toEqual([]);
  });
});

test('made_twice: two notifications for one recipient, also one with another id', () => {
  const again = { ...made('ada'), id: '1b671a64-40d5-491e-99b0-da01ff1f3341' };
  expect(rules({ notifications: [made('ada'), again, made('bob'), made('eve')] })).toEqual([
    'made_twice',
    'unexplained',
  ]);
});

describe('unexplained', () => {
  test.each([
    ['nobody knows what became of a recipient', { notMade: [] }],
    ['a recipient has a reason and a notification', { notMade: ['gnu', 'ada'] }],
    ['a recipient has a notification and a place in the queue', { waiting: ['ada'] }],
  ])('%s', (_, { notMade = ['gnu'], waiting = [] }: { notMade?: string[]; waiting?: string[] }) => {
    const left = notMade.map((recipientId) => ({ recipientId, reason: 'no_contact_point' }));
    const endsAs = waiting.length > 0 ? ('cancelled' as const) : ('done' as const);
    const snapshots = [snapshot({ state: endsAs })];
    expect(rules({ notMade: left, waiting, endsAs, snapshots })).toEqual(['unexplained']);
  });

  test('who was erased is named nowhere', () => {
    const wishes: ConfirmedWish[] = [{ recipientId: 'gnu', wish: 'erased', confirmedAt: 1_000 }];
    expect(rules({ wishes })).toEqual(['unexplained']);
    expect(rules({ wishes, notMade: [] })).toEqual([]);
  });
});

describe('unfinished', () => {
  test('it ended in another state, or was never seen', () => {
    expect(rules({ snapshots: [snapshot({ state: 'running' })] })).toEqual(['unfinished']);
    expect(rules({ snapshots: [] })).toEqual(['unfinished']);
  });

  test('it is done, and a recipient still waits', () => {
    expect(rules({ notMade: [], waiting: ['gnu'] })).toEqual(['unfinished']);
  });

  test('it was cancelled, and a notification waits; a doubt may', () => {
    const cancelled = (waits: 'pending' | 'in_doubt') => {
      const open = waits === 'pending' ? { in_progress: 1 } : { in_doubt: 1 };
      const last = snapshot({
        state: 'cancelled',
        counts: counts({ sent: 2, open: 1, ...open }),
        rows: { sent: 2, [waits]: 1 },
      });
      return rules({ endsAs: 'cancelled', snapshots: [last] }, LEDGER.slice(0, 2));
    };
    expect(cancelled('pending')).toEqual(['unfinished']);
    expect(cancelled('in_doubt')).toEqual([]);
  });
});

describe('after_stop', () => {
  const found = (stop: Partial<ConfirmedStop>, at: number) =>
    rules({ stops: [{ mode: 'paused', confirmedAt: 10_000, liftedAt: null, ...stop }] }, [taken('ada', at)]);

  test('a provider took it more than 5 s after the confirmation', () => {
    expect(found({}, 15_001)).toEqual(['after_stop']);
    expect(found({ mode: 'cancelled' }, 60_000)).toEqual(['after_stop']);
    expect(found({ liftedAt: 20_000 }, 19_999)).toEqual(['after_stop']);
  });

  test('a call that was out, what came before, and what came after a resume are right', () => {
    expect(found({}, 15_000)).toEqual([]);
    expect(found({}, 9_000)).toEqual([]);
    expect(found({ liftedAt: 20_000 }, 20_001)).toEqual([]);
  });

  test('what is not of the campaign does not count', () => {
    const other = { ...taken('ada', 60_000), notificationId: '1b671a64-40d5-491e-99b0-da01ff1f3341' };
    const stops = [{ mode: 'paused', confirmedAt: 10_000, liftedAt: null } as const];
    expect(rules({ stops }, [other, { ...other, notificationId: null }])).toEqual([]);
  });
});

describe('unwanted', () => {
  const found = (wish: ConfirmedWish['wish'], recipientId: string, at: number) =>
    rules(
      { wishes: [{ recipientId, wish, confirmedAt: 10_000 }], ...(wish === 'erased' ? { notMade: [] } : {}) },
      [taken(recipientId, at)],
    );

  test.each(['suppressed', 'opted out'] as const)('it was taken after they were %s', (wish) => {
    expect(found(wish, 'ada', 13_001)).toEqual(['unwanted']);
    expect(found(wish, 'ada', 13_000)).toEqual([]);
  });

  test('it was taken after they were erased', () => {
    expect(found('erased', 'gnu', 13_001)).toEqual(['unwanted']);
  });

  test('what others get is right', () => {
    const wishes = [{ recipientId: 'ada', wish: 'suppressed', confirmedAt: 10_000 } as const];
    expect(rules({ wishes }, [taken('bob', 60_000)])).toEqual([]);
  });
});

test('of one rule some examples are enough', () => {
  const many = Array.from({ length: 50 }, (_, n) => `p${n}`);
  const found = rules({ audience: [...AUDIENCE, ...many] });
  expect(found.filter((rule) => rule === 'unexplained')).toHaveLength(5);
});
