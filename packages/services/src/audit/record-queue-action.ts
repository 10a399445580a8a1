import { audit } from '@carillon/db/audit/audit';
import type { ActorContext } from '../context.ts';

/** A manual action on the jobs of a lane. */
export interface QueueAction {
  /** As in the audit log: `queue.pause`. */
  action: string;
  /** The lane, or `*` for all of them. */
  lane: string;
  jobId?: string;
  /** The set that a bulk action works on: `failed`, `delayed` ... */
  status?: string;
}

/** Writes it to the audit log before it happens. The queue itself is in Redis and no service touches it. */
export async function recordQueueAction(
  { db, actor }: ActorContext,
  { action, lane, jobId, status }: QueueAction,
): Promise<void> {
  await audit(db, {
    appId: null,
    actor,
    action,
    subject: jobId === undefined ? lane : `${lane}/${jobId}`,
    ...(status === undefined ? {} : { detail: { status } }),
  });
}
