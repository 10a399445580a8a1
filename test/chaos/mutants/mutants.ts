import type { Rule } from '../judge/rules.ts';

/**
 * Guards of the product, each taken out by changing its text in a copy of the tree. The suite must notice every one,
 * and for the right reason: a harness that never failed proves nothing. No switch in the product is involved.
 */
export interface Mutant {
  name: string;
  changes: readonly Change[];
  /** The cheapest scenario that tells the mutant from the product. */
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
        file: 'db/queries/claim-notifications.ts',
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
    changes: ['db/queries/record-accepted.ts', 'db/queries/record-outcomes.ts'].map((file) => ({
      file,
      find: 'where n.id = e.id and n.lease_token = e."leaseToken"',
      replace: 'where n.id = e.id',
    })),
    scenario: 'stopped past its lease',
    expects: ['unwitnessed'],
    always: true,
  },
  {
    name: 'nobody compares the epochs',
    changes: [
      {
        file: 'apps/worker/src/maintain/epoch.ts',
        find: 'if (known === null || (await redis.get(key)) !== known.epoch) known',
        replace: 'if (known === null) known',
      },
    ],
    scenario: 'lost Redis',
    expects: ['loss_unnoticed'],
    always: true,
  },
  {
    name: 'a call that broke after it was written counts as not made',
    changes: [
      {
        file: 'packages/providers/src/call-failure.ts',
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
        file: 'db/queries/doubt-expired-leases.ts',
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
        find: 'moved += await sql.begin(async (tx) => {',
        replace: 'moved += await ((work: (tx: any) => Promise<number>) => work(sql))(async (tx) => {',
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
        file: 'db/queries/claim-notifications.ts',
        find: `and (ordering_key is null or not \${blockedInLine(sql)})\n      returning *`,
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
        file: 'db/queries/claim-notifications.ts',
        find: `and (expires_at is null or expires_at > now())\n        and (ordering_key is null or not \${blockedInLine(sql)})\n      returning`,
        replace: 'returning',
      },
      {
        file: 'apps/worker/src/deliver/guard.ts',
        find: "return expires_at && expires_at.getTime() <= nowMs ? { kind: 'too_late' } : null;",
        replace: 'return null;',
      },
      {
        file: 'apps/worker/src/deliver/send.ts',
        find: 'expiresAt !== null && expiresAt.getTime() <= Date.now();',
        replace: 'expiresAt === undefined;',
      },
    ],
    scenario: 'expired waiting',
    expects: ['too_late'],
  },
];
