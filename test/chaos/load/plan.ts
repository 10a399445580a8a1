import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { Random } from './random.ts';
import { SPECIES, type Species } from './species.ts';

/** One notification of the load before its request. Times are relative to the request. */
export interface Planned {
  key: string;
  species: Species;
  priority: Priority;
  policy: DeliveryPolicy;
  /** What goes out, but for the times. */
  body: Record<string, unknown>;
  sendInMs: number | null;
  ttlSeconds: number | null;
  /** After its 202. */
  cancelAfterMs: number | null;
  orderingKey: string | null;
}

/** The content of one request: a single notification, or several of one environment as a batch. */
export interface PlannedRequest {
  environment: Environment;
  items: Planned[];
  isBatch: boolean;
  /** The client hangs up after this many ms without waiting for the answer, and repeats the request. */
  hangUpAfterMs: number | null;
  /** The client repeats the request although it has its answer. */
  isRepeated: boolean;
}

export interface PlanOptions {
  /** Begins every idempotency key. */
  run: string;
  notifications: number;
  /** How far ahead scheduled ones are, at most. */
  scheduleWithinMs: number;
  species?: readonly Species[];
}

const PRIORITIES = [
  { priority: 'critical', weight: 15 },
  { priority: 'normal', weight: 45 },
  { priority: 'bulk', weight: 40 },
] as const;

/** Null: no category, which means `resolve`. */
const POLICIES = [
  { policy: null, weight: 25 },
  { policy: 'resolve', weight: 30 },
  { policy: 'at_least_once', weight: 20 },
  { policy: 'at_most_once', weight: 15 },
  { policy: 'ask', weight: 10 },
] as const;

/** Ordering keys: few, so that their queues are long. */
const ORDERING_KEYS = 12;

/** The load as requests, in the order in which they are sent; the same random source plans the same. */
export function* planLoad(options: PlanOptions, random: Random): Generator<PlannedRequest> {
  const { species = SPECIES, notifications } = options;
  for (let n = 0; n < notifications; ) {
    const first = planOne(options, species, n++, random);
    const { environment } = first.species;
    const items = [first];
    if (first.orderingKey === null && random.chance(0.35)) {
      const size = Math.min(random.whole(2, 40), notifications - n + 1);
      const neighbours = species.filter((each) => each.environment === environment);
      while (items.length < size) items.push(planOne(options, neighbours, n++, random, false));
    }
    yield {
      environment,
      items,
      isBatch: items.length > 1,
      hangUpAfterMs: random.chance(0.02) ? random.whole(0, 20) : null,
      isRepeated: random.chance(0.02),
    };
  }
}

function planOne(
  { run, scheduleWithinMs }: PlanOptions,
  choices: readonly Species[],
  n: number,
  random: Random,
  mayBeOrdered = true,
): Planned {
  const species = random.weighted(choices);
  const key = `${run}-${n}`;
  const { priority } = random.weighted(PRIORITIES);
  const isOrdered = mayBeOrdered && species.orderable === true && random.chance(0.12);
  const chosen = isOrdered ? 'at_least_once' : random.weighted(POLICIES).policy;
  const kind = isOrdered ? 'plain' : random.weighted(KINDS).kind;
  const isScheduled = kind === 'scheduled' || kind === 'cancelled';
  const sendInMs = isScheduled ? random.whole(1_500, scheduleWithinMs) : null;
  return {
    key,
    species,
    priority,
    policy: chosen ?? 'resolve',
    body: {
      ...species.body(key, random),
      ...(species.route.length > 1 ? { route: species.route } : { channel: species.route[0] }),
      priority,
      idempotency_key: key,
      ...(chosen === null ? {} : { category: categoryOf(chosen) }),
    },
    sendInMs,
    ttlSeconds: kind === 'expiring' ? random.whole(2, 10) : null,
    cancelAfterMs: kind === 'cancelled' ? random.whole(0, sendInMs! + 1_000) : null,
    orderingKey: isOrdered ? `line-${random.whole(1, ORDERING_KEYS)}` : null,
  };
}

const KINDS = [
  { kind: 'plain', weight: 87 },
  { kind: 'scheduled', weight: 5 },
  { kind: 'expiring', weight: 4 },
  { kind: 'cancelled', weight: 4 },
] as const;

/** The categories of a run are named after their policy. */
export const categoryOf = (policy: DeliveryPolicy): string => `chaos-${policy.replaceAll('_', '-')}`;
