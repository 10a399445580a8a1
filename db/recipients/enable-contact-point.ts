import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type ContactPointRow, contactPointColumns } from './people.ts';

/**
 * Lets a contact point be used again that bounces or a refusal have disabled; its soft bounces are counted again. One
 * that is enabled is left as it is, and nothing is audited.
 *
 * @param why for people; kept in the audit log.
 * @returns null if the recipient has no such contact point.
 */
export async function enableContactPoint(
  sql: Sql,
  { appId, environment }: Tenant,
  { recipientId, id, why }: { recipientId: string; id: string; why: string | undefined },
  actor: string,
): Promise<ContactPointRow | null> {
  return sql.begin(async (tx) => {
    const [before] = await tx<ContactPointRow[]>`
      select ${contactPointColumns(sql)} from contact_points
      where id = ${id}::uuid and app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId}
      for update`;
    if (!before || before.disabledAt === null) return before ?? null;
    const [after] = await tx<[ContactPointRow]>`
      update contact_points set disabled_at = null, disabled_reason = null, soft_bounces = 0
      where id = ${id}::uuid
      returning ${contactPointColumns(sql)}`;
    await audit(tx, {
      appId,
      actor,
      action: 'contact_point.enable',
      subject: `contact_point:${id}`,
      detail: { environment, kind: before.kind, ...(why === undefined ? {} : { reason: why }) },
    });
    return after;
  });
}
