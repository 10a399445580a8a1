import type { ResolvedFilter, ResolvedRef } from '@carillon/core/audience/matches';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import type { Fragment } from './compile-time.ts';

/**
 * A condition on what became of `r` in a campaign. A message is looked up by its id, which is derived from campaign and
 * recipient (`notificationId` of core/text/ids), so that each recipient costs one look-up however many messages there are.
 *
 * @param compile a filter, for the audience of the campaign.
 */
export function compileCampaignPart(
  sql: Reader,
  part: Extract<ResolvedRef, { campaign: string }>,
  { appId, environment }: Tenant,
  compile: (filter: ResolvedFilter) => Fragment,
): Fragment {
  const { campaign } = part;
  const notMade = (more: Fragment) => sql`exists (
    select from campaign_not_made l where l.campaign_id = ${campaign} and l.recipient_id = r.id ${more}
  )`;
  if (part.is === 'not_made') return notMade(sql`and l.reason not in ('holdout', 'already_made')`);
  const prefix = `carillon:campaign:${campaign}/`;
  const framed = `${appId.length}:${appId};${environment.length}:${environment};${prefix.length + 32}:${prefix}`;
  const key = sql`left(encode(sha256(convert_to(r.id, 'UTF8')), 'hex'), 32)`;
  const digest = sql`sha256(convert_to(${framed} || ${key} || ';', 'UTF8'))`;
  // A version-8 UUID: 4 bits of version, 2 of variant. 32 digits are always a UUID.
  const id = sql`left(encode(set_byte(set_byte(${digest}, 6, get_byte(${digest}, 6) & 15 | 128),
    8, get_byte(${digest}, 8) & 63 | 128), 'hex'), 32)::uuid`;
  const made = (more: Fragment) => sql`exists (select from notifications n where n.id = ${id} ${more})`;
  if (part.is === 'joined_since')
    return sql`(${compile(part.audience)} and not ${made(sql``)} and not ${notMade(sql``)})`;
  return made(sql`and n.state in ('failed', 'dead', 'expired')`);
}
