import { LRUCache } from 'lru-cache';
import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';
import { WORK_LIMIT } from './limits.ts';
import { type Rendering, type RenderOptions, renderContent, renderWithin } from './render.ts';
import { JobFailed, type RenderPool } from './render-pool.ts';

/**
 * Renders light templates on the shared thread at once and heavy ones in the pool. The time that an app and the process
 * may spend on the shared thread is limited, so that many templates just below the threshold cannot bypass it.
 */
export type Renderer = (appId: string, request: RenderRequest) => Promise<Rendering>;

export interface RenderRequest {
  channel: Channel;
  content: Content;
  data: Readonly<Record<string, unknown>> | null;
  options: RenderOptions;
}

/** Everything on this thread: for tools and tests. */
export const RENDER_HERE: Renderer = async (_, { channel, content, data, options }) =>
  renderContent(channel, content, data, options);

/** One rendering on the shared thread: one to two milliseconds. */
const INLINE_WORK = 20_000;
/** On the shared thread, in units a second, with as much again at once. */
const ALLOWANCE = { ofApp: 400_000, ofAll: 2_000_000 };
/** Assumed for one that turned out to be too heavy and was never rendered. */
const UNKNOWN_WORK = WORK_LIMIT / 4;
const MAX_KNOWN = 10_000;

/**
 * @param pool renders the heavy ones.
 * @param monotonicMs a monotonic clock.
 * @returns a renderer that throws PoolBusy if a heavy one has to wait too long.
 */
export function createRenderer(
  pool: Pick<RenderPool, 'run'>,
  monotonicMs: () => number = () => performance.now(),
): Renderer {
  /** The last cost of each text: one that was heavy goes directly to the pool. */
  const lastWork = new LRUCache<string, number>({ max: MAX_KNOWN });
  const allowances = new LRUCache<string, Allowance>({ max: MAX_KNOWN });
  const ofAll = new Allowance(ALLOWANCE.ofAll, monotonicMs);

  return async (appId, request) => {
    const { channel, content, data, options } = request;
    if (data === null) return renderContent(channel, content, null, options);
    const { cacheKey } = options;
    const known = cacheKey === undefined ? undefined : lastWork.get(cacheKey);
    const note = (work: number): void => {
      if (cacheKey !== undefined) lastWork.set(cacheKey, work);
    };
    const ofApp = allowances.get(appId) ?? new Allowance(ALLOWANCE.ofApp, monotonicMs);
    allowances.set(appId, ofApp);
    const budget = Math.min(INLINE_WORK, ofApp.left(), ofAll.left());
    if ((known ?? 1) <= budget) {
      const rendering = renderWithin(budget, channel, content, data, options);
      const spent = rendering === 'too_heavy' ? budget : rendering.work;
      ofApp.spend(spent);
      ofAll.spend(spent);
      if (rendering !== 'too_heavy') {
        note(rendering.work);
        return rendering;
      }
    }
    try {
      const job = { kind: 'render', channel, content, data, options } as const;
      const rendering = await pool.run(appId, job, known ?? UNKNOWN_WORK);
      note(rendering.work);
      return rendering;
    } catch (error) {
      if (!(error instanceof JobFailed)) throw error;
      note(WORK_LIMIT);
      return { ok: false, code: 'render_failed', message: error.message, work: WORK_LIMIT };
    }
  };
}

/** Units that are replenished over time. */
class Allowance {
  readonly #perSecond: number;
  readonly #clock: () => number;
  #left: number;
  #at: number;

  constructor(perSecond: number, clock: () => number) {
    this.#perSecond = perSecond;
    this.#clock = clock;
    this.#left = perSecond;
    this.#at = clock();
  }

  left(): number {
    const now = this.#clock();
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    return this.#left;
  }

  spend(units: number): void {
    this.#left -= units;
  }
}
