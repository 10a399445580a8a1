import type { Rule } from '../judge/rules.ts';
import { CAMPAIGN_MUTANTS } from './campaign-mutants.ts';
import { IMPORT_MUTANTS } from './import-mutants.ts';

/**
 * Guards of the product, each removed by changing its text in a copy of the tree. The suite must detect every one, and
 * for the right reason: a harness that never failed proves nothing. No switch in the product is involved.
 */
export interface Mutant {
  name: string;
  changes: readonly Change[];
  /** The cheapest scenario that detects the mutant. */
  scenario: string;
  /** What must be found: any of these. */
  expects: readonly Rule[];
  /** Part of every `npm test`. */
  always?: true;
}

export interface Change {
  file: string;
  find: string;
  replace: string;
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the claim takes notifications in any state',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: `::uuid[]) and channel = \${channel}\n        and (\n          state in ('pending', 'queued')\n`,
        replace: `::uuid[]) and channel = \${channel}\n        and (\n          true\n`,
      },
    ],
    scenario: 'repeated jobs',
    expects: ['duplicated'],
    always: true,
  },
  {
    name: 'the record does not look at the lease',
    changes: ['db/attempts/record-accepted.ts', 'db/attempts/record-outcomes.ts'].map((file) => ({
      file,
      find: 'where n.id = e.id and n.lease_token = e."leaseToken"',
      replace: 'where n.id = e.id',
    })),
    scenario: 'stopped past its lease',
    expects: ['unwitnessed'],
  },
  {
    name: 'nobody compares the epochs',
    changes: [
      {
        file: 'apps/worker/src/maintenance/epoch.ts',
        find: 'if (isLost(known, await look())) known',
        replace: 'if (known === null) known',
      },
    ],
    scenario: 'lost Redis',
    expects: ['loss_unnoticed'],
    always: true,
  },
  {
    name: 'another Redis process passes for the one before',
    changes: [
      {
        file: 'apps/worker/src/maintenance/epoch.ts',
        find: 'const isSameServer = seen.server === null || ',
        replace: 'const isSameServer = true || ',
      },
    ],
    scenario: 'Redis failover that loses writes',
    expects: ['loss_unnoticed'],
  },
  {
    name: 'a call that broke after it was written counts as not made',
    changes: [
      {
        file: 'packages/providers/src/outcome/call-failure.ts',
        find: "const reached = phase ?? (early === undefined ? 'written' : 'started');",
        replace: "const reached: string = 'started';",
      },
    ],
    scenario: 'answers dropped',
    expects: ['duplicated', 'wrong_state'],
  },
  {
    name: 'rescue finds no lease that has ended',
    changes: [
      {
        file: 'db/attempts/leases.ts',
        find: "n.state = 'sending' and n.lease_until < now()\n      order by",
        replace: 'false\n      order by',
      },
    ],
    scenario: 'died claimed',
    expects: ['slow_recovery', 'lost'],
  },
  {
    name: 'outbox rows leave before their jobs are in the lane',
    changes: [
      {
        file: 'apps/worker/src/relay.ts',
        find: 'sql.begin(async (tx) => {',
        replace: '((work: (tx: any) => Promise<number>) => work(sql))(async (tx) => {',
      },
    ],
    scenario: 'died publishing',
    expects: ['slow_recovery', 'lost'],
  },
  {
    name: 'a stopped worker writes when it wakes up',
    changes: [
      {
        file: 'apps/worker/src/deliver/leases.ts',
        find: '!forbidden && !lost.has(claimed) && monotonic() < endsAt - MARGIN_MS && wall() < endsAtWall - MARGIN_MS',
        replace: '!forbidden',
      },
    ],
    scenario: 'stopped before its call',
    expects: ['duplicated'],
  },
  {
    name: 'a doubt is repeated under another key',
    changes: [
      {
        file: 'apps/worker/src/deliver/send.ts',
        find: 'attemptId: attemptId(claimed.id, claimed.attempt_count),',
        replace: 'attemptId: attemptId(claimed.id, claimed.attempt_count + (claimed.isRepeat ? 1 : 0)),',
      },
    ],
    scenario: 'answers dropped',
    expects: ['duplicated', 'wrong_state'],
  },
  {
    name: 'the claim does not look at the line of an ordering key',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: `and (ordering_key is null or not \${blockedInLine(sql)})\n        and \${notStopped(sql)}\n      returning *`,
        replace: 'returning *',
      },
    ],
    scenario: 'kept order',
    expects: ['out_of_order'],
  },
  {
    name: 'nobody looks at expires_at',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: `and (expires_at is null or expires_at > now())\n        and (ordering_key is null or not \${blockedInLine(sql)})\n        and \${notStopped(sql)}\n      returning`,
        replace: 'returning',
      },
      {
        file: 'packages/core/src/notification/judge.ts',
        find: 'return expires_at !== null && expires_at.getTime() <= now;',
        replace: 'return false;',
      },
    ],
    scenario: 'expired waiting',
    expects: ['too_late'],
  },
  {
    name: 'a message that fails again counts against its account',
    changes: [
      {
        file: 'packages/core/src/provider/breaker.ts',
        find: 'return isRepeat === true || tries > 1 || tried?.includes(account) === true;',
        replace: 'return false;',
      },
    ],
    scenario: 'poisoned messages',
    expects: ['left_healthy'],
  },
  {
    name: 'a few messages that fail count as an outage',
    changes: [
      {
        file: 'packages/core/src/provider/breaker.ts',
        find: 'failures >= calls * outageShare) return open(ofWindow);',
        replace: 'failures > calls * failureShare) return open(ofWindow);',
      },
    ],
    scenario: 'poisoned messages',
    expects: ['left_healthy'],
  },
  {
    name: 'heavy templates are rendered on the thread that all share',
    changes: [
      {
        file: 'packages/core/src/template/render/budgeted-render.ts',
        find: 'const INLINE_WORK = 20_000;',
        replace: 'const INLINE_WORK = 1e12;',
      },
      {
        file: 'packages/core/src/template/render/budgeted-render.ts',
        find: 'ofApp: 400_000, ofAll: 2_000_000',
        replace: 'ofApp: 1e12, ofAll: 1e12',
      },
    ],
    scenario: 'heavy templates beside one-time passwords',
    expects: ['held_up'],
  },
  {
    name: 'a group is not split at the member that PostgreSQL refuses',
    changes: [
      {
        file: 'db/connection/group-statements.ts',
        find: "if (isMembersFault(error)) return 'member';",
        replace: "if (isMembersFault(error)) return 'other';",
      },
    ],
    scenario: 'poisoned member',
    expects: ['held_up'],
  },
  {
    name: 'a statement waits for a lock as long as it lasts',
    changes: [
      {
        file: 'apps/worker/src/context.ts',
        find: '      lockTimeoutMs: LOCK_TIMEOUT_MS,\n',
        replace: '',
      },
    ],
    scenario: 'foreign row lock',
    expects: ['held_up'],
  },
  {
    name: 'nobody is asked again before the first byte',
    changes: [
      {
        file: 'apps/worker/src/deliver/send.ts',
        find: 'let knownAt = claimed.knownAt ?? Number.NEGATIVE_INFINITY;',
        replace: 'let knownAt = Number.POSITIVE_INFINITY;',
      },
    ],
    scenario: 'wished while it waited',
    expects: ['unwanted'],
  },
  {
    name: 'a worker goes by its own clock',
    changes: [
      {
        file: 'packages/core/src/program/database-clock.ts',
        find: 'now: () => (best === null ? wall() :',
        replace: 'now: () => (true ? wall() :',
      },
    ],
    scenario: 'fast clock',
    expects: ['lost'],
  },
  {
    name: 'the repair of events ignores what is left of a job',
    changes: [
      {
        file: 'packages/queue/src/event-queue.ts',
        find: "while ((await queue.remove(jobId)) === 0) jobId += '_again';",
        replace: "jobId += '';",
      },
    ],
    scenario: 'lost event list',
    expects: ['event_late'],
  },
  {
    name: 'an app takes every slot',
    changes: [
      {
        file: 'apps/worker/src/events/fair-slots.ts',
        find: 'export const SHARE = { quick: 16, slow: 4, late: 1 } as const;',
        replace: 'export const SHARE = { quick: 1_000, slow: 1_000, late: 1_000 } as const;',
      },
      {
        file: 'apps/worker/src/events/fair-slots.ts',
        find: 'share: 1, inUse: none() };',
        replace: 'share: 1_000, inUse: none() };',
      },
      {
        file: 'apps/worker/src/events/fair-slots.ts',
        find: 'const PART = 1 / 8;',
        replace: 'const PART = 1_000;',
      },
    ],
    scenario: 'hanging endpoints',
    expects: ['event_late'],
  },
  {
    name: 'a Redis that takes no writes is not left',
    changes: [
      {
        file: 'packages/queue/src/connection.ts',
        find: 'reconnectOnError: (error) => (saysElsewhere(error) ? RECONNECT_AND_RESEND : false),',
        replace: '',
      },
      { file: 'packages/queue/src/connection.ts', find: 'reconnectOnError: saysElsewhere,', replace: '' },
    ],
    scenario: 'Redis failover that keeps sockets',
    expects: ['slow_recovery'],
  },
  {
    name: 'a Redis that takes no writes passes for one that is away',
    changes: [
      {
        file: 'packages/core/src/program/redis-elsewhere.ts',
        find: 'error instanceof Error && ELSEWHERE.test(error.message)',
        replace: 'false && error instanceof Error && ELSEWHERE.test(error.message)',
      },
    ],
    scenario: 'Redis failover that keeps sockets',
    expects: ['healthy_while_stuck'],
  },
  {
    name: 'permits are asked of a Redis that takes no writes forever',
    changes: [
      {
        file: 'packages/limiter/src/redis-for-bottleneck.ts',
        find: 'reconnectOnError: saysElsewhere,',
        replace: '',
      },
    ],
    scenario: 'Redis failover that keeps sockets',
    expects: ['lost'],
  },
  {
    name: 'a session that cannot write is kept',
    changes: [
      {
        file: 'db/connection/read-only-sessions.ts',
        find: 'if (planned || isOver) return;',
        replace: 'if (planned || isOver || true) return;',
      },
    ],
    scenario: 'read-only sessions',
    expects: ['slow_recovery'],
  },
  {
    name: 'the head of an inbox does not rise by what it gives out',
    changes: [
      {
        file: 'db/inbox/columns.ts',
        find: `greatest(h.last + (excluded.last - \${sequenceFloor(sql)}), excluded.last)\`;`,
        replace: 'greatest(h.last, excluded.last)`;',
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_order'],
  },
  {
    name: 'a stream is sent what it has',
    changes: [
      {
        file: 'apps/api/src/inbox/stream.ts',
        find: 'if (number <= this.after) continue;',
        replace: 'if (number < this.after) continue;',
      },
      {
        file: 'db/inbox/read-changes.ts',
        find: 'm.sequence > a.after::bigint and e.number > a.after::bigint',
        replace: 'm.sequence >= a.after::bigint and e.number >= a.after::bigint',
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_order', 'inbox_repeated'],
  },
  {
    name: 'a message is stored without the number that it came under',
    changes: [
      {
        file: 'db/inbox/store-messages.ts',
        find: 'h.last - w.n + f.nth, h.last - w.n + f.nth',
        replace: 'h.last - w.n + f.nth, 0',
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_missed'],
  },
  {
    name: 'nobody looks when a subscription is in force',
    changes: [
      {
        file: 'packages/queue/src/inbox-signals.ts',
        find: 'for (const key of wanted) if (keys.has(key)) onSignal(key);',
        replace: '',
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_missed'],
  },
  {
    name: 'each reading of a message is another receipt',
    changes: [
      {
        file: 'packages/services/src/inbox/change.ts',
        find: `eventId: \`\${kind}/\${notificationId}\`,`,
        replace: `eventId: \`\${kind}/\${notificationId}/\${at.get(notificationId)?.[kind]?.getTime()}\`,`,
      },
    ],
    scenario: 'inbox streams',
    expects: ['receipt_count'],
  },
  {
    name: 'a snooze ends without a new number',
    changes: [
      {
        file: 'db/inbox/change-messages.ts',
        find: `\${endOfSnooze(sql)}, sequence = h.last - w.n + w.nth`,
        replace: `\${endOfSnooze(sql)}`,
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_differs'],
  },
  {
    name: 'a stream forgets what lies behind the page that was read',
    changes: [
      { file: 'apps/api/src/inbox/stream.ts', find: '    if (!isMore) {\n', replace: '    if (true) {\n' },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_missed'],
  },
  {
    name: 'a stream takes the answer to what others asked',
    changes: [
      {
        file: 'apps/api/src/inbox/streams.ts',
        find: 'for (const stream of streams) {\n        if (!stream.isOf',
        replace: 'for (const stream of inboxes.get(key)?.streams ?? []) {\n        if (!stream.isOf',
      },
      {
        file: 'apps/api/src/inbox/streams.ts',
        find: '.filter((key) => !reading.has(key))',
        replace: '',
      },
    ],
    scenario: 'inbox streams',
    expects: ['inbox_order', 'inbox_missed', 'inbox_repeated'],
  },
  ...CAMPAIGN_MUTANTS,
  ...IMPORT_MUTANTS,
];
