import type { Channel } from '@carillon/core/notification/channel';
import { type Lane, partsOf } from '@carillon/core/notification/lane';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import type { Standing } from './known-breakers.ts';

/**
 * Where deliveries wait, before they are claimed, while none of their channel's accounts takes calls. What waits here
 * has no lease, no attempt and does not count as in progress; its job keeps its place in the lane. While a channel is
 * on trial, one delivery passes per trial permit; when it is free again, all pass. Critical deliveries wait for a
 * trial, never for an outage: they must be able to fall back to the next channel.
 */
export interface WaitQueue {
  /** Whether no delivery of this lane has to wait. */
  isFree(lane: Lane): boolean;
  /** Whether this delivery may begin now; on trial it takes a permit, which it holds until `leave`. */
  admits(lane: Lane, notification: string): boolean;
  /** @returns true once the delivery may begin; false if the process stops first. */
  enter(lane: Lane, notification: string): true | Promise<boolean>;
  /** The delivery has ended. */
  leave(notification: string): void;
  /** Something changed: every delivery that may go on does so. */
  wake(): void;
  /** Releases all waiting deliveries, and refuses new ones from now on. */
  stop(): void;
}

/** For deliveries that no breaker ever stops. */
export const NO_WAIT_QUEUE: Pick<WaitQueue, 'isFree' | 'admits' | 'enter' | 'leave'> = {
  isFree: () => true,
  admits: () => true,
  enter: () => true,
  leave: () => {},
};

export interface WaitQueueOptions {
  standing(channel: Channel): Standing;
  /** Takes a trial permit of one of the channel's half-open accounts. */
  takeTrial(channel: Channel, notification: string): boolean;
  /** @returns whether it had a permit, which is now free. */
  leaveTrial(notification: string): boolean;
}

interface Waiting {
  channel: Channel;
  notification: string;
  go(admitted: boolean): void;
}

/** Permits come free with time as well. */
const LOOK_EVERY_MS = 100;

export function createWaitQueue({ standing, takeTrial, leaveTrial }: WaitQueueOptions): WaitQueue {
  const lines: Record<Priority, Waiting[]> = { critical: [], normal: [], bulk: [] };
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const mayPass = (channel: Channel, priority: Priority, notification: string): boolean => {
    switch (standing(channel)) {
      case 'free':
        return true;
      case 'trial':
        return takeTrial(channel, notification);
      case 'none':
        return priority === 'critical';
    }
  };

  const wake = (): void => {
    const full = new Set<Channel>();
    for (const priority of PRIORITIES) {
      // Without a permit for the first delivery of a channel there is none for those behind it.
      lines[priority] = lines[priority].filter(({ channel, notification, go }) => {
        if (full.has(channel) || !mayPass(channel, priority, notification)) {
          if (standing(channel) === 'trial') full.add(channel);
          return true;
        }
        go(true);
        return false;
      });
    }
    if (PRIORITIES.every((priority) => lines[priority].length === 0)) {
      clearInterval(timer);
      timer = undefined;
    }
  };

  const isFree = (lane: Lane): boolean => standing(partsOf(lane).channel) === 'free';

  return {
    isFree,
    admits(lane, notification) {
      const { channel, priority } = partsOf(lane);
      return mayPass(channel, priority, notification);
    },
    enter(lane, notification) {
      if (isFree(lane)) return true;
      const { channel, priority } = partsOf(lane);
      if (stopped) return Promise.resolve(false);
      return new Promise((go) => {
        lines[priority].push({ channel, notification, go });
        timer ??= setInterval(wake, LOOK_EVERY_MS);
        wake();
      });
    },
    leave(notification) {
      if (leaveTrial(notification) && timer) wake();
    },
    wake,
    stop() {
      stopped = true;
      clearInterval(timer);
      timer = undefined;
      for (const priority of PRIORITIES) for (const { go } of lines[priority].splice(0)) go(false);
    },
  };
}
