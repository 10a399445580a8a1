import { setTimeout as pause } from 'node:timers/promises';
import type { ChaosSystem } from '../system/chaos-system.ts';
import { untilSettled } from '../system/settle.ts';
import { type Drill, type DrillResult, post } from './drill.ts';

const PER_SECOND = 60;
const WARM_UP_S = 10;
const LEFT_AFTER_S = 10;
const WATCHED_S = 40;
const SHARE_BOUND = 0.01;
const SETTLE_TIMEOUT_MS = 5 * 60_000;

const DEATHS = {
  'answers 503': { mode: 'outage' },
  'breaks every connection': { mode: 'outage', status: null },
  'takes calls and never answers': { mode: 'accept_then_timeout' },
} as const;

/** The first e-mail account dies under steady traffic; a second one is available. */
export const deadProviders: readonly Drill[] = Object.entries(DEATHS).map(([how, behaviour]) => ({
  name: `a provider dies: ${how}`,
  async play(system, say): Promise<DrillResult> {
    await steadily(system, WARM_UP_S);
    const diedAt = new Date();
    await system.simulator.behave({ provider: 'resend', ...behaviour });
    await steadily(system, LEFT_AFTER_S + WATCHED_S);
    const shares = await sharesOf(system, diedAt);
    await system.simulator.behaveWell('resend');
    const { open } = await untilSettled(system.sql, SETTLE_TIMEOUT_MS, say);
    const early = shares.filter(({ second }) => second < LEFT_AFTER_S);
    const late = shares.filter(({ second }) => second >= LEFT_AFTER_S);
    const lastCall = early.findLast(({ dead }) => dead > 0);
    const share = sum(late, 'dead') / Math.max(1, sum(late, 'calls'));
    return {
      figures: [
        ['calls to it in the first 10 s', `${sum(early, 'dead')} of ${sum(early, 'calls')}`],
        ['its last call in them', lastCall ? `in second ${lastCall.second + 1}` : 'none'],
        [
          `its share from second 10 to ${LEFT_AFTER_S + WATCHED_S}`,
          `${(share * 100).toFixed(2)} % (${sum(late, 'dead')} of ${sum(late, 'calls')} calls)`,
        ],
      ],
      broken: [
        ...(share >= SHARE_BOUND ? [`${(share * 100).toFixed(2)} % of the calls still went to it`] : []),
        ...(sum(late, 'calls') < PER_SECOND * WATCHED_S * 0.9 ? ['the traffic did not go on elsewhere'] : []),
        ...(open > 0 ? [`${open} never settled`] : []),
      ],
    };
  },
}));

async function steadily(system: ChaosSystem, seconds: number): Promise<void> {
  const begun = performance.now();
  for (let second = 0; second < seconds; second++) {
    await post(system, 'live', PER_SECOND, (n) => ({
      to: { email: `user${n}@example.com` },
      channel: 'email',
      content: { subject: 'Hello', text: `This is message ${n}.` },
      priority: n % 4 === 0 ? 'critical' : 'normal',
    }));
    await pause(Math.max(0, (second + 1) * 1000 - (performance.now() - begun)));
  }
}

interface Share {
  second: number;
  calls: number;
  dead: number;
}

/** By second after the death: calls of the channel, and how many of them went to the dead account. */
async function sharesOf({ sql }: ChaosSystem, since: Date): Promise<Share[]> {
  return sql<Share[]>`
    select floor(extract(epoch from started_at - ${since}::timestamptz))::int as second, count(*)::int as calls,
      count(*) filter (where provider = 'resend')::int as dead
    from delivery_attempts where channel = 'email' and started_at >= ${since}
    group by 1 order by 1`;
}

const sum = (shares: readonly Share[], of: 'calls' | 'dead'): number =>
  shares.reduce((total, share) => total + share[of], 0);
