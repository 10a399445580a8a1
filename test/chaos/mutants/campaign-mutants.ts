import type { Mutant } from './mutants.ts';

/** Guards of campaigns: their stops, their counts, their slices and frozen audiences. */
export const CAMPAIGN_MUTANTS: readonly Mutant[] = [
  {
    name: 'campaign: the claim does not ask stops',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: `and \${notStopped(sql)}\n      returning *`,
        replace: 'returning *',
      },
    ],
    scenario: 'paused campaign',
    expects: ['after_stop'],
  },
  {
    name: 'campaign: a job of a stopped one waits',
    changes: [
      {
        file: 'apps/worker/src/deliver/claim.ts',
        find: `if (refusal.stopped) return { now: 'settled', state };`,
        replace: `if (refusal.stopped) return { now: 'waiting', inMs: 100 };`,
      },
    ],
    scenario: 'paused campaign',
    expects: ['jobs_multiplied'],
  },
  {
    name: 'campaign: a resume announces nothing',
    changes: [
      {
        file: 'packages/services/src/campaigns/stop.ts',
        find: 'if (changed) await announce(db, id, wake);',
        replace: '',
      },
    ],
    scenario: 'paused campaign',
    expects: ['slow_recovery'],
  },
  {
    name: 'campaign: the last look does not ask stops',
    changes: [
      {
        file: 'apps/worker/src/deliver/last-look.ts',
        find: 'if (row.stopped !== null) return',
        replace: 'if (false && row.stopped !== null) return',
      },
    ],
    scenario: 'campaign cancelled before the first byte',
    expects: ['after_stop'],
  },
  {
    // The last look alone would refuse the repeated call.
    name: 'campaign: neither the resolver nor the last look asks stops',
    changes: [
      {
        file: 'apps/worker/src/deliver/last-look.ts',
        find: 'if (row.stopped !== null) return',
        replace: 'if (false && row.stopped !== null) return',
      },
      {
        file: 'packages/core/src/notification/doubt.ts',
        find: 'return doubt.stopped !== null && (',
        replace: 'return false && (',
      },
      {
        file: 'db/attempts/late-answers.ts',
        find: `and \${notStopped(sql)}\n      returning id, attempt_count`,
        replace: 'returning id, attempt_count',
      },
    ],
    scenario: 'campaign cancelled in doubt',
    expects: ['after_stop'],
  },
  {
    name: 'campaign: a slice does not count what it made',
    changes: [
      {
        file: 'db/campaigns/slices.ts',
        find: `'made', count(*) from fresh group by origin_variant`,
        replace: `'made', count(*) from fresh where false group by origin_variant`,
      },
    ],
    scenario: 'announced campaign',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: what was sent is not counted',
    changes: [
      {
        file: 'db/attempts/record-accepted.ts',
        find: `, n.state), \${countEnded(sql)} select id from moved\``,
        replace: `, n.state) select id from moved\``,
      },
    ],
    scenario: 'wishes between launch and claim',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: a group counts for the first of its origins',
    changes: [
      {
        file: 'db/origins/count-changes.ts',
        find: `      select origin_id, origin_variant, state, count(*) from \${moved} ended
      where origin_id is not null and state = any (\${FINAL_STATES as string[]}::text[])
      group by origin_id, origin_variant, state`,
        replace: `      select (array_agg(origin_id))[1], origin_variant, state, count(*) from \${moved} ended
      where origin_id is not null and state = any (\${FINAL_STATES as string[]}::text[])
      group by origin_variant, state`,
      },
    ],
    scenario: 'campaigns that share groups',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: what a claim cancels is not counted',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: 'select origin_id, origin_variant, state from halted\n',
        replace: 'select origin_id, origin_variant, state from halted where false\n',
      },
    ],
    scenario: 'cancelled campaign',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: what is cancelled by pages is not counted',
    changes: [
      {
        file: 'db/origins/stops.ts',
        find: `), \${countEnded(sql)}, told as (\n`,
        replace: '), told as (\n',
      },
    ],
    scenario: 'cancelled campaign',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: counts are folded and not deleted',
    changes: [
      {
        file: 'db/origins/fold-counts.ts',
        find: 'delete from count_changes\n',
        replace: 'update count_changes set n = n\n',
      },
      {
        file: 'apps/worker/src/campaigns/counts.ts',
        find: 'if (count === 0) return total;',
        replace: 'return total;',
      },
    ],
    scenario: 'wishes between launch and claim',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: slices take no lock',
    changes: [
      {
        file: 'db/campaigns/slices.ts',
        find: 'order by due_at, n\n    limit 1\n    for no key update skip locked`',
        replace: 'order by due_at, n\n    limit 1`',
      },
    ],
    scenario: 'campaign through kills',
    expects: ['counts_differ'],
  },
  {
    name: 'campaign: a repeated slice has other ids',
    changes: [
      {
        file: 'db/campaigns/slices.ts',
        find: 'order by due_at, n\n    limit 1\n    for no key update skip locked`',
        replace: 'order by due_at, n\n    limit 1`',
      },
      {
        file: 'packages/core/src/campaign/fan-out.ts',
        find: 'campaignKey(plan.campaignId, recipientId));',
        replace: `campaignKey(plan.campaignId, recipientId) + '/' + process.pid);`,
      },
    ],
    scenario: 'campaign through kills',
    expects: ['made_twice'],
  },
  {
    name: 'campaign: a page begins with the last of the page before',
    changes: [
      {
        file: 'db/campaigns/audience-page.ts',
        find: `and r.id > \${after}\`}`,
        replace: `and r.id >= \${after}\`}`,
      },
    ],
    scenario: 'campaign through kills',
    expects: ['planned_changed'],
  },
  {
    name: 'campaign: the freeze keeps its place in memory',
    changes: [
      {
        file: 'packages/services/src/campaigns/freeze.ts',
        find: 'export const PAGE = 20_000;',
        replace: 'export const PAGE = 20_000;\nconst places = new Map<string, string | null>();',
      },
      {
        file: 'packages/services/src/campaigns/freeze.ts',
        find: 'const { appId, environment, definition, frozenUpto } = campaign;',
        replace:
          'const { appId, environment, definition } = campaign;\n  const frozenUpto = places.get(campaign.id) ?? null;',
      },
      {
        file: 'packages/services/src/campaigns/freeze.ts',
        find: 'upto: page.upto, isLast });',
        replace: 'upto: null, isLast });\n    places.set(campaignId, page.upto);',
      },
    ],
    scenario: 'campaign whose freeze dies',
    expects: ['planned_changed'],
  },
  {
    name: 'campaign: wishes are asked as they were at the launch',
    changes: [
      {
        file: 'db/attempts/claim-notifications.ts',
        find: `    from user_preferences
    where app_id = c.app_id and environment = c.environment and recipient_id = c.recipient_id
  ) w`,
        replace: `    from user_preferences
    where app_id = c.app_id and environment = c.environment and recipient_id = c.recipient_id
      and updated_at < coalesce((select o.created_at from origins o where o.id = c.origin_id), now())
  ) w`,
      },
    ],
    scenario: 'wishes between launch and claim',
    expects: ['unwanted'],
  },
  {
    name: 'campaign: an erasure leaves the frozen audience as it is',
    changes: [
      {
        file: 'db/campaigns/erase-from-campaigns.ts',
        find: `array_replace(recipient_ids, \${recipientId}::text, null)`,
        replace: 'recipient_ids',
      },
    ],
    scenario: 'wishes between launch and claim',
    expects: ['unexplained'],
  },
];
