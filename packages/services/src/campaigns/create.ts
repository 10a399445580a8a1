import { randomUUID } from 'node:crypto';
import { requestHash } from '@carillon/core/notification/request-hash';
import { notificationId } from '@carillon/core/text/ids';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { type CampaignRow, creationHash, getCampaign } from '@carillon/db/campaigns/campaigns';
import { type CampaignFields, insertCampaign } from '@carillon/db/campaigns/change-campaigns';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type ActorContext, refusedField } from '../context.ts';
import { checkDefinition } from './check-definition.ts';

/**
 * Creates a campaign as a draft. What it names is looked up; what it leaves out can follow.
 *
 * @returns `replayed` if an equal request with this idempotency key created it before.
 * @throws ProblemError 409 for another request with this key, 422.
 */
export async function createCampaign(
  { db, actor }: ActorContext,
  input: { tenant: Tenant; fields: CampaignFields; idempotencyKey: string | null },
): Promise<{ campaign: CampaignRow; replayed: boolean }> {
  const { tenant, fields, idempotencyKey } = input;
  // The key makes the id, so that of two equal requests at once one creates it.
  const id =
    idempotencyKey === null
      ? randomUUID()
      : notificationId(tenant.appId, tenant.environment, `campaign ${idempotencyKey}`);
  const hash = requestHash({ ...fields, expiresAt: fields.expiresAt?.toISOString() ?? null })
    .toString('hex')
    .slice(0, 32);
  const earlier = async (): Promise<{ campaign: CampaignRow; replayed: boolean } | null> => {
    const campaign = idempotencyKey === null ? null : await getCampaign(db, tenant, id);
    if (campaign === null) return null;
    if ((await creationHash(db, id)) !== hash) throw otherRequest(idempotencyKey!, id);
    return { campaign, replayed: true };
  };
  const replay = await earlier();
  if (replay !== null) return replay;
  const created = await db.begin(async (tx) => {
    await checkDefinition(tx, tenant, fields.definition);
    await assertAhead(tx, fields.expiresAt);
    const campaign = await insertCampaign(tx, tenant, id, fields, actor);
    if (campaign !== null)
      await audit(tx, {
        appId: tenant.appId,
        actor,
        action: 'campaign.create',
        subject: `campaign:${id}`,
        detail: { environment: tenant.environment, ...auditedCampaign(campaign), request_hash: hash },
      });
    return campaign;
  });
  return created === null ? (await earlier())! : { campaign: created, replayed: false };
}

/** What the audit log says of a campaign: names and bounds. A filter may hold addresses: its hash tells of a change. */
export function auditedCampaign({
  name,
  definition,
  throttlePerMinute,
  expiresAt,
}: CampaignFields): Record<string, unknown> {
  const { template, route, category, priority, audience, data, variables, variants, holdout_percent } =
    definition;
  return {
    name,
    template: template ?? null,
    route,
    category: category ?? null,
    priority,
    audience: audience?.audience ?? null,
    audience_hash: audience === undefined ? null : shortHash(audience),
    data_hash: shortHash({ data, variables }),
    variants: variants.map(({ key, template, weight }) => `${key}: ${template} (${weight})`),
    holdout_percent,
    throttle_per_minute: throttlePerMinute,
    expires_at: expiresAt?.toISOString() ?? null,
  };
}

const shortHash = (value: unknown): string => requestHash(value).toString('hex').slice(0, 16);

/** @throws ProblemError 422 for an expiry that has passed by PostgreSQL's clock. */
export async function assertAhead(tx: Parameters<typeof audit>[0], expiresAt: Date | null): Promise<void> {
  if (expiresAt === null) return;
  const [{ now }] = await tx<[{ now: Date }]>`select now() as now`;
  if (expiresAt.getTime() > now.getTime()) return;
  throw refusedField(
    'expires_at',
    `${expiresAt.toISOString()} has passed (it is ${now.toISOString()}); give a time to come, or leave it out`,
  );
}

function otherRequest(key: string, id: string): ProblemError {
  return new ProblemError(
    'idempotency_conflict',
    `The idempotency key ${JSON.stringify(key)} created the campaign ${id} with another request. Use another key for another campaign.`,
  );
}
