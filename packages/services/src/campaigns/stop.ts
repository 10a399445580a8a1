import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { audit } from '@carillon/db/audit/audit';
import { type CampaignRow, lockCampaign } from '@carillon/db/campaigns/campaigns';
import { moveCampaign } from '@carillon/db/campaigns/change-campaigns';
import { emitCampaignEvent } from '@carillon/db/campaigns/emit-event';
import type { Tenant } from '@carillon/db/connection/tenant';
import { announceParked, liftStop, type Place, stopOrigin } from '@carillon/db/origins/stops';
import type { Sql, TransactionSql } from 'postgres';
import type { ActorContext, WakingContext } from '../context.ts';
import { assertMove, noSuchCampaign } from './no-such-campaign.ts';

export interface MoveInput {
  tenant: Tenant;
  id: string;
  /** Why, for the audit log and the people who look at it; null if nobody said. */
  reason?: string | null | undefined;
}

/**
 * Pauses a campaign. When this returns no message of it is handed to a provider, except calls that are out. One that is
 * paused stays so.
 *
 * @throws ProblemError 404, 409.
 */
export async function pauseCampaign(
  { db, actor }: ActorContext,
  { tenant, id, reason = null }: MoveInput,
): Promise<CampaignRow> {
  const { campaign, changed } = await db.begin(async (tx) => {
    const row = await locked(tx, tenant, id);
    if (row.state === 'paused') return { campaign: row, changed: false };
    assertMove(row, 'paused', 'paused');
    await stopOrigin(tx, id, 'paused');
    const campaign = await moveCampaign(tx, id, 'paused', reason);
    await emitCampaignEvent(tx, id, 'campaign.paused');
    await auditMove(tx, { actor, action: 'campaign.pause', before: row, reason });
    return { campaign, changed: true };
  });
  if (changed) await untilObeyed();
  return campaign;
}

/**
 * Lets a paused campaign go on where it was; one that had not started is scheduled again. One that runs stays so.
 *
 * @throws ProblemError 404, 409.
 */
export async function resumeCampaign(
  { db, actor, wake }: Pick<WakingContext, 'db' | 'actor' | 'wake'>,
  { tenant, id, reason = null }: MoveInput,
): Promise<CampaignRow> {
  const { campaign, changed } = await db.begin(async (tx) => {
    const row = await locked(tx, tenant, id);
    if (row.state === 'running' || row.state === 'scheduled') return { campaign: row, changed: false };
    assertMove(row, 'running', 'resumed', ['paused']);
    await liftStop(tx, id);
    const campaign = await moveCampaign(tx, id, row.startedAt === null ? 'scheduled' : 'running', null);
    await auditMove(tx, { actor, action: 'campaign.resume', before: row, reason });
    return { campaign, changed: true };
  });
  if (changed) await announce(db, id, wake);
  return campaign;
}

/**
 * Cancels a campaign for good. When this returns no message of it is handed to a provider, except calls that are out;
 * messages that wait are cancelled by a worker. One that is cancelled stays so.
 *
 * @throws ProblemError 404, 409.
 */
export async function cancelCampaign(
  { db, actor }: ActorContext,
  { tenant, id, reason = null }: MoveInput,
): Promise<CampaignRow> {
  const { campaign, hasStarted } = await db.begin(async (tx) => {
    const row = await locked(tx, tenant, id);
    if (row.state === 'cancelled') return { campaign: row, hasStarted: false };
    assertMove(row, 'cancelled', 'cancelled');
    // Of what never started nothing can be on its way.
    const hasStarted = row.startedAt !== null;
    if (hasStarted) await stopOrigin(tx, id, 'cancelled');
    else await liftStop(tx, id);
    const campaign = await moveCampaign(tx, id, 'cancelled', reason);
    await auditMove(tx, { actor, action: 'campaign.cancel', before: row, reason });
    return { campaign, hasStarted };
  });
  if (hasStarted) await untilObeyed();
  return campaign;
}

/** Announces what was parked while it was paused, page by page. What a crash leaves here, the sweep finds. */
async function announce(db: Sql, id: string, wake: WakingContext['wake']): Promise<void> {
  let after: Place | null = null;
  do {
    const page: Awaited<ReturnType<typeof announceParked>> = await announceParked(db, id, after);
    for (const priority of page.priorities) wake(priority);
    after = page.next;
  } while (after !== null);
}

async function locked(tx: TransactionSql, tenant: Tenant, id: string): Promise<CampaignRow> {
  const row = await lockCampaign(tx, tenant, id);
  if (row === null) throw noSuchCampaign(id);
  return row;
}

async function auditMove(
  tx: TransactionSql,
  {
    actor,
    action,
    before,
    reason,
  }: { actor: string; action: string; before: CampaignRow; reason: string | null },
): Promise<void> {
  await audit(tx, {
    appId: before.appId,
    actor,
    action,
    subject: `campaign:${before.id}`,
    detail: { environment: before.environment, from: before.state, ...(reason === null ? {} : { reason }) },
  });
}
