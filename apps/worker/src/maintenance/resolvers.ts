import { PRIORITIES } from '@carillon/core/notification/priority';
import type { WorkerContext } from '../context.ts';
import { openDelivery } from '../deliver/open-lane.ts';
import type { Duty } from '../service.ts';
import type { ResolveContext } from './resolve/context.ts';
import { resolve } from './resolve.ts';

/** A look must be over before its doubt counts as abandoned (resolve.ts); it comes again. */
const ACCOUNT_WAIT_MS = 2000;

/** The resolver duties of a worker process, one per priority, with the parts of an ordinary delivery. */
export function resolvers({ delivery, breakers, categories, metrics, wake, onError }: WorkerContext): Duty[] {
  const parts = { ...delivery, accountWaitMs: ACCOUNT_WAIT_MS, gatherMs: 0, onError: onError('resolve') };
  const own = { breakers, categories, wake, onSettled: metrics.doubtSettled };
  const context: ResolveContext = { ...openDelivery(parts), ...own };
  return PRIORITIES.map((priority) => resolve(context, { priorities: [priority] }));
}
