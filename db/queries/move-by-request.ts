import type { Channel } from '@carillon/core/channel';
import type { Priority } from '@carillon/core/priority';
import { STATES, type State, TRANSITIONS } from '@carillon/core/states';
import type { TransactionSql } from 'postgres';
import type { Tenant } from '../tenant.ts';

/** What became of a request to move a notification: it moved, it is not there, or its state (or time) forbids it. */
export type Move =
  | { outcome: 'moved'; from: State; moved: MovedRow }
  | { outcome: 'not_found' }
  | { outcome: 'refused'; state: State; updatedAt: Date; sendAt: Date | null; expiresAt: Date | null };

export interface MovedRow {
  id: string;
  state: State;
  channel: Channel;
  priority: Priority;
  sendAt: Date | null;
  updatedAt: Date;
}

/** The states that a person's request may move to `to`: read off the transition table, which names its reasons. */
export function sourcesByRequest(to: State, reason: string): State[] {
  return STATES.filter((from) => TRANSITIONS[from][to]?.includes(reason));
}

export interface LockedRow {
  id: string;
  state: State;
  sendAt: Date | null;
  expiresAt: Date | null;
  updatedAt: Date;
  /** By the database's clock. */
  expired: boolean;
}

/** Locks a notification of this tenant, so that what is decided next still holds when it is written. */
export async function lockNotification(
  tx: TransactionSql,
  tenant: Tenant,
  id: string,
): Promise<LockedRow | undefined> {
  const [row] = await tx<LockedRow[]>`
    select id, state, send_at as "sendAt", expires_at as "expiresAt", updated_at as "updatedAt",
      coalesce(expires_at <= now(), false) as expired
    from notifications
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
    for update`;
  return row;
}

export function refused({ state, updatedAt, sendAt, expiresAt }: LockedRow): Move {
  return { outcome: 'refused', state, updatedAt, sendAt, expiresAt };
}
