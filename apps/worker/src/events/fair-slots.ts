/**
 * Which endpoint may be called now. The customer decides how long a call takes, so calls in flight are shared out by
 * three rules:
 *
 * - an endpoint begins with one slot; each quick answer adds one, up to SHARE.quick; a slow call takes all but a few
 *   away, a timeout all but one;
 * - endpoints with one slot, which are new or slow, have a pool of their own: endpoints that answered quickly never
 *   wait for them;
 * - in each pool an app gets another slot while it has less than an eighth of those that are free (the "dynamic
 *   threshold" of shared-memory switches, Choudhury and Hahne 1998): the more apps take, the less each gets, and some
 *   stay free.
 */
export interface FairSlots {
  /** @returns the slot, or null if the endpoint gets none now. */
  take(endpointId: string): Slot | null;
  /** @param tookMs how long the call took; null if there was none. */
  give(slot: Slot, tookMs: number | null): void;
  /** Sets the app of the endpoint, once it is known. Until then the endpoint counts as an app of its own. */
  belongs(endpointId: string, appId: string): void;
}

export interface Slot {
  readonly endpointId: string;
  readonly pool: Pool;
}

type Pool = 'single' | 'proven';

/** Slots of each pool in one worker process; each in use is a socket. */
export const SLOTS = 300;
/** Slots of one endpoint, by how long its last call took. */
export const SHARE = { quick: 16, slow: 4, late: 1 } as const;
const QUICK_MS = 2_000;
const SLOW_MS = 10_000;
/** An app gets another slot while it has less than this part of the free ones. */
const PART = 1 / 8;
/** Endpoints whose share is remembered. */
const KNOWN = 10_000;

type InUse = Record<Pool, number>;

interface Endpoint {
  app: InUse;
  share: number;
  inUse: InUse;
}

const none = (): InUse => ({ single: 0, proven: 0 });

/** @param slots of each pool, for tests. */
export function createFairSlots(slots: number = SLOTS): FairSlots {
  /** In the order of their last use. */
  const endpoints = new Map<string, Endpoint>();
  const apps = new Map<string, InUse>();
  const all = none();

  const find = (id: string): Endpoint => {
    const endpoint = endpoints.get(id) ?? { app: none(), share: 1, inUse: none() };
    endpoints.delete(id);
    endpoints.set(id, endpoint);
    if (endpoints.size > KNOWN) forgetOldest();
    return endpoint;
  };
  const forgetOldest = (): void => {
    for (const [id, { inUse }] of endpoints) {
      if (inUse.single + inUse.proven > 0) continue;
      endpoints.delete(id);
      return;
    }
  };
  const count = ({ inUse, app }: Endpoint, pool: Pool, by: 1 | -1): void => {
    for (const each of [inUse, app, all]) each[pool] += by;
  };

  return {
    take(endpointId) {
      const endpoint = find(endpointId);
      const { app, share, inUse } = endpoint;
      const pool = share === 1 ? 'single' : 'proven';
      const free = slots - all[pool];
      if (inUse.single + inUse.proven >= share || free <= 0 || app[pool] >= free * PART) return null;
      count(endpoint, pool, 1);
      return { endpointId, pool };
    },
    give({ endpointId, pool }, tookMs) {
      const endpoint = endpoints.get(endpointId)!;
      count(endpoint, pool, -1);
      if (tookMs === null) return;
      const most = tookMs <= QUICK_MS ? SHARE.quick : tookMs <= SLOW_MS ? SHARE.slow : SHARE.late;
      endpoint.share = Math.min(endpoint.share + 1, most);
    },
    belongs(endpointId, appId) {
      const endpoint = find(endpointId);
      const app = apps.get(appId) ?? none();
      apps.set(appId, app);
      if (endpoint.app === app) return;
      for (const pool of ['single', 'proven'] as const) {
        endpoint.app[pool] -= endpoint.inUse[pool];
        app[pool] += endpoint.inUse[pool];
      }
      endpoint.app = app;
    },
  };
}
