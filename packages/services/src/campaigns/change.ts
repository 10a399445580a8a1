import { beforeChange } from '@carillon/core/access/audited-change';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import { audit } from '@carillon/db/audit/audit';
import { type CampaignRow, lockCampaign } from '@carillon/db/campaigns/campaigns';
import { type CampaignFields, deleteCampaign, updateCampaign } from '@carillon/db/campaigns/change-campaigns';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { ActorContext } from '../context.ts';
import { checkDefinition } from './check-definition.ts';
import { assertAhead, auditedCampaign } from './create.ts';
import { assertMove, noSuchCampaign, wrongCampaignState } from './no-such-campaign.ts';

/**
 * Changes a campaign that has not started; of one that runs or is paused, its name and throttle. A scheduled one becomes
 * a draft again, and review and approval are void, unless only its name or throttle changes. The same values again write
 * nothing.
 *
 * @param input.merge makes the new fields of those that are there.
 * @param input.unchanged throws if the campaign is not what the change starts from.
 * @throws ProblemError 404, 409, 422.
 */
export async function changeCampaign(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    id: string;
    merge(before: CampaignRow): CampaignFields;
    unchanged?: ((current: CampaignRow | null) => void) | undefined;
  },
): Promise<CampaignRow> {
  const { tenant, id, merge, unchanged } = input;
  return db.begin(async (tx) => {
    const before = await lockCampaign(tx, tenant, id);
    if (before === null) throw noSuchCampaign(id);
    const wanted = merge(before);
    const isOther = plan(wanted) !== plan(before);
    if (!isOther && wanted.name === before.name && wanted.throttlePerMinute === before.throttlePerMinute)
      return before;
    unchanged?.(before);
    assertMayChange(before, isOther);
    if (isOther) await checkDefinition(tx, tenant, wanted.definition);
    if (wanted.expiresAt?.getTime() !== before.expiresAt?.getTime()) await assertAhead(tx, wanted.expiresAt);
    const after = await updateCampaign(tx, before, wanted, isOther, actor);
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'campaign.change',
      subject: `campaign:${id}`,
      detail: {
        environment: tenant.environment,
        version: after.version,
        ...auditedCampaign(after),
        ...beforeChange(
          { ...auditedCampaign(before), state: before.state },
          { ...auditedCampaign(after), state: after.state },
        ),
      },
    });
    return after;
  }) as Promise<CampaignRow>;
}

/**
 * Deletes a draft. What was scheduled or sent stays, with its counts.
 *
 * @throws ProblemError 404, 409.
 */
export async function deleteDraft(
  { db, actor }: ActorContext,
  input: {
    tenant: Tenant;
    id: string;
    unchanged?: ((current: CampaignRow | null) => void) | undefined;
  },
): Promise<void> {
  const { tenant, id, unchanged } = input;
  await db.begin(async (tx) => {
    const row = await lockCampaign(tx, tenant, id);
    if (row === null) throw noSuchCampaign(id);
    unchanged?.(row);
    assertMove(row, 'draft', 'deleted', ['draft']);
    await deleteCampaign(tx, id);
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'campaign.delete',
      subject: `campaign:${id}`,
      detail: { environment: tenant.environment, name: row.name },
    });
  });
}

/** What decides who gets what; the rest is its name and its throttle. */
const plan = ({ definition, expiresAt }: CampaignFields): string =>
  canonicalJson([definition, expiresAt?.toISOString() ?? null]);

function assertMayChange(row: CampaignRow, isOther: boolean): void {
  const { state } = row;
  if (state === 'draft' || state === 'scheduled') return;
  const isOver = state === 'done' || state === 'cancelled' || state === 'failed';
  if (!isOver && !isOther) return;
  throw wrongCampaignState(
    row,
    isOver
      ? 'only a campaign that is not over can be changed'
      : 'of a campaign that has started, only name and throttle_per_minute can be changed. Cancel it, or leave the other members out',
  );
}
