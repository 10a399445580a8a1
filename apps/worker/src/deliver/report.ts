import type { Ending, Release } from '@carillon/core/notification/attempt-end';
import type { OnEntered } from '@carillon/core/notification/entered';
import type { OnGroup } from '@carillon/core/program/group-commit';
import type { Claimed } from './claimed.ts';

/** What deliveries and the resolver report for the metrics, each after its commit. */
export interface DeliveryReport {
  entered: OnEntered;
  /** An attempt ended in another try, now or later, here or elsewhere. */
  retried(retry: Pick<Claimed, 'channel' | 'priority'> & { provider: string }): void;
  /** A provider accepted a notification this many seconds after it was due. */
  accepted(claimed: Pick<Claimed, 'channel' | 'priority'>, seconds: number): void;
  /** A delivery waited this many seconds for a permit of an account with a rate limit. */
  permit(provider: string, seconds: number, granted: boolean): void;
  /** Reports the groups of one shared statement. */
  groupsOf(statement: string): OnGroup;
}

export const NO_REPORT: DeliveryReport = {
  entered: () => {},
  retried: () => {},
  accepted: () => {},
  permit: () => {},
  groupsOf: () => () => {},
};

/** @param answeredAt the monotonic time of the answer, in milliseconds. */
export function reportEnding(
  report: DeliveryReport,
  claimed: Claimed,
  { state, provider, outcome }: Ending,
  answeredAt: number,
): void {
  const { app_id: appId, channel, priority, dueAt } = claimed;
  if (state === 'retrying' || state === 'pending') report.retried({ channel, priority, provider });
  else report.entered({ appId, channel, priority, provider, state });
  if (outcome === 'accepted' && dueAt !== undefined)
    report.accepted(claimed, Math.max(0, answeredAt - dueAt) / 1000);
}

/** A claim that ended without a call may have ended its notification. */
export function reportRelease(
  report: DeliveryReport,
  { app_id: appId, channel, priority }: Claimed,
  { state }: Release,
): void {
  report.entered({ appId, channel, priority, provider: null, state });
}
