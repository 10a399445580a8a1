import { expect, test } from 'vitest';
import type { Asked, Attempt, Evidence, HistoryEntry, LedgerEntry, Row } from './evidence.ts';
import { judge } from './judge.ts';

const ID = 'f47ac10b-58cc-8372-8567-0e02b2c3d479';

const asked = (over: Partial<Asked> = {}): Asked => ({
  key: 'k',
  id: ID,
  environment: 'live',
  channel: 'email',
  priority: 'normal',
  policy: 'resolve',
  refusable: false,
  sendAt: null,
  expiresAt: null,
  orderingKey: null,
  answer: 'accepted',
  acceptedAt: 1_000,
  cancelledAt: null,
  ...over,
});
const row = (over: Partial<Row> = {}): Row => ({
  id: ID,
  state: 'sent',
  priority: 'normal',
  provider: 'resend',
  createdAt: 990,
  orderingKey: null,
  error: null,
  isHeld: false,
  ...over,
});
const copy = (over: Partial<LedgerEntry> = {}): LedgerEntry => ({
  seq: 1,
  at: 1_500,
  provider: 'resend',
  notificationId: ID,
  attemptId: `${ID}/1`,
  ...over,
});
const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  notificationId: ID,
  n: 1,
  account: 'resend',
  outcome: 'accepted',
  calledAt: null,
  ...over,
});
const told = (over: Partial<HistoryEntry> = {}): HistoryEntry => ({
  notificationId: ID,
  at: 2_000,
  state: 'in_doubt',
  actor: 'rescue',
  reason: 'lease ran out',
  detail: null,
  ...over,
});
const evidence = (over: Partial<Evidence> = {}): Evidence => ({
  asked: [asked()],
  ledger: [copy()],
  rows: [row()],
  attempts: [attempt()],
  history: [],
  inbox: new Set(),
  outboxLeft: 0,
  auditBrokenAt: null,
  faults: [],
  accounts: Object.fromEntries(
    ['resend', 'generic-email', 'twilio', 'fcm', 'smtp', 'inbox', 'web-push', 'generic-sms'].map((id) => [
      id,
      ['live'] as const,
    ]),
  ),
  forged: { taken: 0, refused: 0 },
  now: 100_000,
  ...over,
});
const rulesBroken = (over: Partial<Evidence>) => judge(evidence(over)).findings.map(({ rule }) => rule);

test('one request, one row, one acceptance: nothing to find', () => {
  const verdict = judge(evidence());
  expect(verdict).toMatchObject({ findings: [], asked: 1, accepted: 1, copies: 1, states: { sent: 1 } });
});

test('an accepted request without a row is lost; one whose answer was lost may be missing', () => {
  const nothing = { rows: [], ledger: [], attempts: [] };
  expect(rulesBroken(nothing)).toEqual(['lost']);
  expect(rulesBroken({ ...nothing, asked: [asked({ answer: 'unknown' })] })).toEqual([]);
});

test('a row is judged like any other when the answer to its request was lost', () => {
  const open = {
    asked: [asked({ answer: 'unknown' })],
    rows: [row({ state: 'queued' })],
    ledger: [],
    attempts: [],
  };
  expect(rulesBroken(open)).toEqual(['lost']);
});

test.each(['pending', 'queued', 'sending', 'retrying', 'scheduled'] as const)(
  'one that is still %s when everything has settled is lost',
  (state) => {
    const attempts = state === 'sending' ? [attempt({ outcome: null })] : [];
    expect(rulesBroken({ rows: [row({ state })], ledger: [], attempts })).toEqual(['lost']);
  },
);

test('a `sent` state without an acceptance of a provider is a loss and a contradiction', () => {
  expect(rulesBroken({ ledger: [] })).toEqual(['lost', 'wrong_state']);
});

test('an in-app message counts as delivered when it is in the inbox', () => {
  const inApp = {
    rows: [row({ state: 'delivered', provider: 'inbox' })],
    attempts: [attempt({ account: 'inbox' })],
    ledger: [],
  };
  expect(rulesBroken({ ...inApp, inbox: new Set([ID]) })).toEqual([]);
  expect(rulesBroken(inApp)).toEqual(['lost', 'wrong_state']);
});

const twice = (provider: string, over: Partial<Asked> = {}, second = provider): Partial<Evidence> => ({
  asked: [asked(over)],
  rows: [row({ provider: second })],
  ledger: [copy({ provider }), copy({ seq: 2, at: 1_900, provider: second, attemptId: `${ID}/2` })],
  attempts: [attempt({ account: provider, outcome: 'in_doubt' }), attempt({ n: 2, account: second })],
  history: [told(), told({ state: 'pending', actor: 'resolver', reason: 'sent again' })],
});

test.each([
  ['resend', 'A'],
  ['generic', 'A'],
  ['twilio', 'B'],
] as const)(
  'a second copy after %s is a duplicate of class %s, whatever the policy',
  (provider, guarantee) => {
    for (const policy of ['resolve', 'at_least_once', 'at_most_once', 'ask'] as const)
      expect(judge(evidence(twice(provider, { policy, priority: 'critical' }))).findings).toMatchObject([
        { rule: 'duplicated', guarantee },
      ]);
  },
);

test('class A and B may have a second copy only where the timeline says that the policy sent it again', () => {
  const byPolicy = told({
    at: 1_800,
    state: 'pending',
    actor: 'resolver',
    detail: { decision: 'send_again', settled_by: 'policy' },
  });
  const history = [told({ at: 1_600 }), byPolicy];
  const verdict = (provider: string, over: Partial<Asked>) =>
    judge(evidence({ ...twice(provider, over), history }));
  for (const provider of ['resend', 'twilio'])
    expect(verdict(provider, { policy: 'at_least_once' }).findings).toEqual([]);
  expect(verdict('resend', { policy: 'at_least_once' }).chosenCopies).toMatchObject({ A: 1 });
  expect(verdict('twilio', { policy: 'resolve', priority: 'critical' }).findings).toEqual([]);
  expect(verdict('resend', { policy: 'resolve', priority: 'critical' }).findings).toHaveLength(1);
  expect(verdict('resend', { policy: 'at_most_once' }).findings).toHaveLength(1);
});

test('a second push replaces the first, unless the policy is at_most_once', () => {
  expect(judge(evidence(twice('fcm')))).toMatchObject({ findings: [], replaced: 1 });
  expect(rulesBroken(twice('fcm', { policy: 'at_most_once' }))).toEqual(['duplicated']);
});

test('a second copy on another channel than the first push replaces nothing', () => {
  expect(rulesBroken(twice('fcm', {}, 'generic'))).toEqual(['duplicated']);
});

test('a blind provider may have a second copy where the policy chose it', () => {
  expect(judge(evidence(twice('smtp', { policy: 'at_least_once' })))).toMatchObject({
    findings: [],
    chosenCopies: { D: 1 },
  });
  expect(rulesBroken(twice('smtp', { policy: 'resolve', priority: 'critical' }))).toEqual([]);
  for (const policy of ['resolve', 'at_most_once', 'ask'] as const)
    expect(rulesBroken(twice('smtp', { policy }))).toEqual(['duplicated']);
});

test('the provider whose guarantee was broken is named, not the one that got the copy', () => {
  const { findings } = judge(evidence(twice('resend', { policy: 'at_least_once' }, 'smtp')));
  expect(findings).toMatchObject([{ rule: 'duplicated', guarantee: 'A' }]);
});

test('a person may accept a possible duplicate', () => {
  const byPerson = told({
    at: 1_800,
    state: 'pending',
    actor: 'key:abc',
    detail: { accept_duplicate_risk: true },
  });
  const given = { ...twice('twilio'), history: [told({ at: 1_700 }), byPerson] };
  expect(judge(evidence(given))).toMatchObject({
    findings: [],
    chosenCopies: { B: 1 },
    settled: { person: 1 },
  });
});

test('a doubt may stay open only where the policy leaves it to a person', () => {
  const open = (account: string, over: Partial<Asked> = {}): Partial<Evidence> => ({
    asked: [asked(over)],
    rows: [row({ state: 'in_doubt', provider: account })],
    attempts: [attempt({ account, outcome: 'in_doubt' })],
    history: [told()],
    ledger: [],
  });
  for (const account of ['resend', 'generic-sms', 'twilio', 'fcm', 'web-push'])
    expect(rulesBroken(open(account))).toEqual(['in_doubt']);
  expect(judge(evidence(open('smtp')))).toMatchObject({ findings: [], leftToPeople: 1 });
  expect(rulesBroken(open('smtp', { priority: 'critical' }))).toEqual(['in_doubt']);
  expect(rulesBroken(open('smtp', { policy: 'at_least_once' }))).toEqual(['in_doubt']);
  expect(rulesBroken(open('smtp', { policy: 'ask', priority: 'critical' }))).toEqual([]);
});

test('a doubt that ends without a timeline entry is a finding', () => {
  const late = told({ state: 'sent', actor: 'deliver', reason: 'answer came after the lease had ended' });
  expect(rulesBroken({ history: [told()] })).toEqual(['unwitnessed']);
  expect(rulesBroken({ history: [told(), late] })).toEqual(['unwitnessed']);
});

test('the same call again is no settlement yet, its answer is', () => {
  const again = told({ state: 'sending', actor: 'resolver', detail: { decision: 'repeat' } });
  expect(judge(evidence({ history: [told(), again] }))).toMatchObject({
    findings: [],
    settled: { repeat: 0 },
  });
  const answered = told({ state: 'sent', actor: 'resolver', detail: { settled_by: 'repeat' } });
  const history = [told(), again, told({ actor: 'deliver' }), again, answered];
  expect(judge(evidence({ history })).settled).toMatchObject({ repeat: 1 });
  expect(rulesBroken({ history: [told(), again, told()] })).toEqual(['unwitnessed']);
});

test('under ask, an expired message may stay in doubt whatever its class', () => {
  const open = (over: Partial<Asked>) => ({
    asked: [asked(over)],
    rows: [row({ state: 'in_doubt' as const })],
    attempts: [attempt({ outcome: 'in_doubt' as const })],
    history: [told()],
    ledger: [],
  });
  expect(rulesBroken(open({ policy: 'ask', expiresAt: 50_000 }))).toEqual([]);
  expect(rulesBroken(open({ policy: 'ask', expiresAt: 200_000 }))).toEqual(['in_doubt']);
  expect(rulesBroken(open({ policy: 'resolve', expiresAt: 50_000 }))).toEqual(['in_doubt']);
});

test('a note about a doubt does not create one', () => {
  const late = told({ actor: 'deliver', reason: 'answer came after the lease had ended: state unchanged' });
  const wait = told({ actor: 'resolver', reason: 'the breaker is open', detail: { decision: 'wait' } });
  const receipt = told({ state: 'delivered', actor: 'receipts' });
  expect(rulesBroken({ history: [late, wait] })).toEqual([]);
  const delivered = [row({ state: 'delivered' })];
  expect(rulesBroken({ rows: delivered, history: [told(), receipt, late, wait] })).toEqual([]);
  // It waited for the row: it began before the doubt that it ended.
  expect(rulesBroken({ rows: delivered, history: [receipt, told()] })).toEqual([]);
  const again = told({ state: 'sending', actor: 'resolver', detail: { decision: 'repeat' } });
  expect(rulesBroken({ history: [told(), again, wait] })).toEqual(['unwitnessed']);
});

test('a final settlement stays until a receipt or a person changes it', () => {
  const dead = told({ state: 'dead', actor: 'resolver', reason: 'policy at_most_once' });
  expect(rulesBroken({ history: [told(), dead] })).toEqual(['unwitnessed']);
  const late = told({ state: 'sent', actor: 'deliver', reason: 'answer came after the lease had ended' });
  expect(rulesBroken({ history: [told(), dead, late] })).toEqual(['unwitnessed']);
  expect(rulesBroken({ history: [told(), dead, told({ state: 'sent', actor: 'receipts' })] })).toEqual([]);
});

test('settled doubts are counted by what settled them', () => {
  const by = (actor: string, reason: string) =>
    judge(evidence({ history: [told(), told({ state: 'sent', actor, reason })] })).settled;
  expect(by('resolver', 'lookup: the provider has it')).toMatchObject({ evidence: 1 });
  expect(by('resolver', 'repeated under the same key')).toMatchObject({ repeat: 1 });
  expect(by('resolver', 'by policy at_least_once')).toMatchObject({ policy: 1 });
  expect(by('receipts', 'delivered')).toMatchObject({ evidence: 1 });
  expect(by('staff:ada@example.test', 'marked as sent')).toMatchObject({ person: 1 });
});

test('a message without a request is unexpected, at a provider and in the database', () => {
  expect(rulesBroken({ asked: [] })).toEqual(['unexpected', 'unexpected']);
  expect(rulesBroken({ ledger: [copy(), copy({ seq: 2, notificationId: null, attemptId: null })] })).toEqual([
    'unexpected',
  ]);
});

test('a call without a committed attempt is a contradiction', () => {
  expect(rulesBroken({ ledger: [copy({ attemptId: `${ID}/7` })] })).toContain('wrong_state');
});

test('an attempt recorded as not accepted, but accepted, is a contradiction', () => {
  for (const outcome of ['transient', 'throttled', 'rejected'] as const)
    expect(rulesBroken({ attempts: [attempt({ outcome })] })).toEqual(['wrong_state']);
  expect(rulesBroken({ attempts: [attempt({ outcome: 'in_doubt' })] })).toEqual([]);
});

test('a final state that excludes a message must not have one', () => {
  for (const state of ['failed', 'dead', 'cancelled', 'expired'] as const)
    expect(rulesBroken({ rows: [row({ state })] })).toContain('wrong_state');
  const byPolicy = [told(), told({ state: 'dead', actor: 'resolver', reason: 'policy at_most_once' })];
  expect(
    rulesBroken({
      rows: [row({ state: 'dead' })],
      attempts: [attempt({ outcome: 'in_doubt' })],
      history: byPolicy,
    }),
  ).toEqual([]);
});

test('failed needs a rejection of a provider', () => {
  const failed = { rows: [row({ state: 'failed' })], ledger: [] };
  expect(rulesBroken({ ...failed, attempts: [attempt({ outcome: 'transient' })] })).toEqual(['wrong_state']);
  expect(rulesBroken({ ...failed, attempts: [attempt({ outcome: 'bad_recipient' })] })).toEqual([]);
});

test('an attempt that is open although its notification is not being sent is a contradiction', () => {
  expect(rulesBroken({ attempts: [attempt(), attempt({ n: 2, outcome: null })] })).toEqual(['wrong_state']);
});

test('times: not before send_at, not before the commit, not after expires_at', () => {
  expect(rulesBroken({ asked: [asked({ sendAt: 1_900 })] })).toEqual(['too_early']);
  expect(rulesBroken({ rows: [row({ createdAt: 1_501 })] })).toEqual(['too_early']);
  expect(rulesBroken({ asked: [asked({ expiresAt: 400 })] })).toEqual(['too_late']);
  expect(rulesBroken({ asked: [asked({ expiresAt: 600 })] })).toEqual([]);
});

test('a call that began in time is not late because its provider is slow; one that began later is', () => {
  const late = { asked: [asked({ expiresAt: 5_000 })], ledger: [copy({ at: 8_100 })] };
  expect(rulesBroken({ ...late, attempts: [attempt({ calledAt: 4_900 })] })).toEqual([]);
  expect(rulesBroken({ ...late, attempts: [attempt({ calledAt: 5_001 })] })).toEqual(['too_late']);
  expect(rulesBroken({ ...late, attempts: [attempt({ calledAt: null })] })).toEqual(['too_late']);
});

test('a message delayed by the network is not late; one delayed by the process is', () => {
  const late = { asked: [asked({ expiresAt: 5_000 })], ledger: [copy({ at: 9_000 })] };
  const fault = {
    kind: 'freeze',
    target: 'workers>providers',
    from: 4_000,
    to: 8_500,
    delaysProviders: true,
  };
  expect(rulesBroken({ ...late, faults: [fault] })).toEqual([]);
  expect(rulesBroken({ ...late, faults: [{ ...fault, kind: 'stop', delaysProviders: false }] })).toEqual([
    'too_late',
  ]);
});

test('a confirmed cancel is never followed by a message', () => {
  const cancelled = { asked: [asked({ cancelledAt: 1_200 })], rows: [row({ state: 'cancelled' })] };
  expect(rulesBroken(cancelled)).toEqual(['wrong_state', 'after_cancel']);
  expect(rulesBroken({ ...cancelled, ledger: [], attempts: [] })).toEqual([]);
  expect(
    rulesBroken({
      asked: [asked({ cancelledAt: 1_200 })],
      ledger: [],
      attempts: [],
      rows: [row({ state: 'queued' })],
    }),
  ).toEqual(['lost', 'wrong_state']);
});

const inLine = (ids: readonly string[]): Partial<Evidence> => ({
  asked: ids.map((id) => asked({ id, orderingKey: 'o' })),
  rows: ids.map((id) => row({ id })),
  attempts: ids.map((notificationId) => attempt({ notificationId })),
});
const line = (seq: number, notificationId: string) =>
  copy({ seq, notificationId, attemptId: `${notificationId}/1` });

test('a test key reaches no live account', () => {
  expect(rulesBroken({ asked: [asked({ environment: 'test' })] })).toEqual(['wrong_environment']);
  const accounts = { resend: ['live', 'test'] as const };
  expect(rulesBroken({ asked: [asked({ environment: 'test' })], accounts })).toEqual([]);
});

test('an ordering key is kept', () => {
  const ids = ['a', 'b', 'c'];
  expect(rulesBroken({ ...inLine(ids), ledger: ids.map((id, k) => line(k + 1, id)) })).toEqual([]);
  expect(rulesBroken({ ...inLine(ids), ledger: [line(1, 'b'), line(2, 'a'), line(3, 'c')] })).toEqual([
    'out_of_order',
  ]);
});

test('nothing overtakes an older one of its key that is not final', () => {
  const given = inLine(['a', 'b']);
  const rows = [row({ id: 'a', state: 'in_doubt', provider: 'smtp' }), row({ id: 'b' })];
  const attempts = [
    attempt({ notificationId: 'a', account: 'smtp', outcome: 'in_doubt' }),
    attempt({ notificationId: 'b' }),
  ];
  expect(
    rulesBroken({
      ...given,
      rows,
      attempts,
      ledger: [line(1, 'b')],
      history: [told({ notificationId: 'a' })],
    }),
  ).toEqual(['out_of_order']);
});

test('a doubt that waits for a person has left its ordering queue', () => {
  const rows = [row({ id: 'a', state: 'in_doubt', provider: 'smtp', isHeld: true }), row({ id: 'b' })];
  const attempts = [
    attempt({ notificationId: 'a', account: 'smtp', outcome: 'in_doubt' }),
    attempt({ notificationId: 'b' }),
  ];
  const history = [told({ notificationId: 'a' })];
  expect(rulesBroken({ ...inLine(['a', 'b']), rows, attempts, ledger: [line(1, 'b')], history })).toEqual([]);
});

test('a refused request, a repeat with another id, a broken audit chain, a full outbox and an accepted forgery are found', () => {
  expect(rulesBroken({ asked: [asked({ answer: 'refused: 422' })] })).toEqual(['refused']);
  const late = { asked: [asked({ answer: 'too late' })] };
  expect(rulesBroken({ ...late, rows: [], ledger: [], attempts: [] })).toEqual([]);
  expect(rulesBroken(late)).toEqual(['refused']);
  // Its first request waited for a lock while the second one was refused: nothing is sent, as was answered.
  const first = { ...late, rows: [row({ state: 'expired' })], ledger: [], attempts: [] };
  expect(rulesBroken(first)).toEqual([]);
  expect(rulesBroken({ asked: [asked({ otherId: 'x' })] })).toEqual(['other_id']);
  expect(rulesBroken({ auditBrokenAt: '7' })).toEqual(['audit']);
  expect(rulesBroken({ outboxLeft: 2 })).toEqual(['lost']);
  expect(rulesBroken({ forged: { taken: 1, refused: 9 } })).toEqual(['forged']);
});

test('a loss of Redis must be declared within 10 s', () => {
  const loss = (noticedAfterMs: number | null) => ({
    faults: [{ kind: 'flushall', target: 'redis', from: 0, to: 1, delaysProviders: false, noticedAfterMs }],
  });
  expect(rulesBroken(loss(2_000))).toEqual([]);
  expect(rulesBroken(loss(10_001))).toEqual(['loss_unnoticed']);
  expect(rulesBroken(loss(null))).toEqual(['loss_unnoticed']);
});

test('time in which no worker could notice the loss does not count', () => {
  const flush = {
    kind: 'FLUSHALL',
    target: 'redis',
    from: 0,
    to: 0,
    delaysProviders: false,
    noticedAfterMs: 14_000,
  };
  const trouble = (target: string) => ({
    kind: 'cut',
    target,
    from: 1_000,
    to: 6_000,
    delaysProviders: false,
  });
  expect(rulesBroken({ faults: [flush, trouble('postgres')] })).toEqual([]);
  expect(rulesBroken({ faults: [flush, trouble('worker-a>redis'), trouble('worker-b')] })).toEqual([]);
  expect(rulesBroken({ faults: [flush, trouble('worker-a'), trouble('worker-a>redis')] })).toEqual([
    'loss_unnoticed',
  ]);
  expect(rulesBroken({ faults: [flush, trouble('workers>providers'), trouble('worker-b')] })).toEqual([
    'loss_unnoticed',
  ]);
});

test('figures: accept to provider by priority, fault to the next delivery by kind', () => {
  const faults = [{ kind: 'kill', target: 'worker-a', from: 1_200, to: 1_300, delaysProviders: false }];
  const { figures } = judge(evidence({ faults }));
  expect(figures.acceptToProvider.normal).toEqual({ count: 1, p50: 500, p99: 500, max: 500 });
  expect(figures.faultToDelivery).toEqual({ kill: { count: 1, p50: 300, p99: 300, max: 300 } });
});

test('what streams brought is compared with the rows of inboxes', () => {
  const row = {
    id: ID,
    person: 'ada',
    sequence: 1,
    isSeen: false,
    isRead: false,
    isArchived: false,
    isSnoozed: false,
  };
  const counts = { type: 'counts', number: 1, unread: 1, unseen: 1 } as const;
  const clients = [{ name: 'tab', person: 'ada', events: [counts] }];
  expect(rulesBroken({ inboxes: { clients, rows: [row], receipts: [] } })).toEqual(['inbox_missed']);
});
