import type { SentContent } from '@carillon/core/notification/sent-content';
import { MoveRefused } from '@carillon/services/notifications/moved';
import { readSentContent } from '@carillon/services/notifications/read-content';
import type { Context } from 'hono';
import type { DashboardDeps, DashboardEnv } from '../deps.ts';
import { staffContext } from '../staff-context.ts';

/**
 * What was sent, for a person whose role was checked; the audit entry is written before it is shown.
 *
 * @returns null if the notification was removed meanwhile.
 */
export async function readContent(
  c: Context<DashboardEnv>,
  deps: DashboardDeps,
  id: string,
): Promise<SentContent | null> {
  const { render, config } = deps;
  try {
    const read = { tenant: null, id, render, baseUrl: config.PUBLIC_BASE_URL };
    return await readSentContent(staffContext(c, deps), read);
  } catch (error) {
    if (error instanceof MoveRefused) return null;
    throw error;
  }
}
