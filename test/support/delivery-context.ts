import { databaseClock } from '@carillon/core/program/database-clock';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import { RENDER_HERE } from '@carillon/core/template/render/budgeted-render';
import { DEFAULT_SETTINGS } from '../../apps/worker/src/deliver/category-settings.ts';
import { AccountLimits } from '../../apps/worker/src/deliver/concurrency-limits.ts';
import {
  type LaneContext,
  type LaneParts,
  NO_DELIVERY_SEAMS,
} from '../../apps/worker/src/deliver/context.ts';
import { UNRENEWED } from '../../apps/worker/src/deliver/leases.ts';
import { openLane } from '../../apps/worker/src/deliver/open-lane.ts';
import { NO_REPORT } from '../../apps/worker/src/deliver/report.ts';

type Given = Partial<LaneParts> & Pick<LaneParts, 'sql'>;

/** What the steps of a delivery work with, for a process that is alone: no rate, no open breaker, no categories. */
export function laneParts(given: Given): LaneParts {
  return {
    lane: 'email-normal',
    accounts: [],
    breakers: {
      admits: () => ({ admitted: true, isTrial: false }),
      isOpen: () => false,
      began: () => ({ ended: () => {} }),
    },
    categories: { settingsFor: () => DEFAULT_SETTINGS },
    settings: { upTo: async () => {} },
    limiter: { permit: async () => ({ granted: true }) },
    accountLimits: new AccountLimits(),
    accountWaitMs: 2000,
    fileMemory: new PrioritySemaphore(1024 * 1024),
    memoryWaitMs: 5000,
    files: { get: async () => ({ error: 'is not reached from here', again: false }) },
    leases: UNRENEWED,
    restore: () => null,
    clock: databaseClock(),
    renderer: RENDER_HERE,
    links: null,
    sendTimeoutMs: 10_000,
    gatherMs: 0,
    stopping: new AbortController().signal,
    seams: NO_DELIVERY_SEAMS,
    wake: () => {},
    onOutcome: () => {},
    report: NO_REPORT,
    onError: () => {},
    ...given,
  };
}

export function laneContext(given: Given): LaneContext {
  return openLane(laneParts(given));
}

/** A lane whose attempt rows name this account before one is chosen. */
export function laneExpecting(account: string, given: Given): LaneContext {
  const context = laneContext(given);
  context.expected = { live: account, test: account };
  return context;
}
