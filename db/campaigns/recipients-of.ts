import type { NotMadeReason } from '@carillon/core/campaign/counts';
import type { Channel } from '@carillon/core/notification/channel';
import { RARE_STATES, type State } from '@carillon/core/notification/states';
import type { Reader } from '../replica/reader.ts';

/** A recipient of a frozen audience, and what became of them. */
export interface CampaignRecipient {
  /** Null for one that was erased. */
  recipientId: string | null;
  status: State | null;
  notificationId: string | null;
  channel: Channel | null;
  variant: number | null;
  errorCode: string | null;
  reason: NotMadeReason | null;
  detail: string | null;
  updatedAt: Date | null;
  /** The place in the list. */
  place: string[];
}

const NOTHING = {
  status: null,
  notificationId: null,
  channel: null,
  variant: null,
  errorCode: null,
  reason: null,
  detail: null,
  updatedAt: null,
};

/** Recipients who were made, in the order of making; of these states only, or of one variant. */
export async function listMade(
  sql: Reader,
  campaignId: string,
  {
    states,
    variant,
    after,
    limit,
  }: {
    states: readonly State[] | null;
    variant: number | null;
    after: readonly string[] | null;
    limit: number;
  },
): Promise<CampaignRecipient[]> {
  const [at, id] = after ?? [];
  const isRare = states?.every((state) => RARE_STATES.includes(state));
  const rows = await sql<(CampaignRecipient & { at: string; notificationId: string })[]>`
    select recipient_id as "recipientId", state as status, id as "notificationId", channel, origin_variant as variant,
      error_code as "errorCode", updated_at as "updatedAt", created_at::text as at
    from notifications
    where origin_id = ${campaignId}
      ${states === null ? sql`` : sql`and state = any (${states as State[]}::text[])`}
      ${isRare ? sql`and rare_state = any (${states as State[]}::text[])` : sql``}
      ${variant === null ? sql`` : sql`and origin_variant = ${variant}`}
      ${at === undefined || id === undefined ? sql`` : sql`and (created_at, id) > (${at}::text::timestamptz, ${id}::uuid)`}
    order by created_at, id
    limit ${limit}`;
  return rows.map(({ at: made, ...row }) => ({
    ...NOTHING,
    ...row,
    place: [made, row.notificationId],
  }));
}

/** Recipients who get nothing, by reason and id. */
export async function listNotMade(
  sql: Reader,
  campaignId: string,
  { reason, after, limit }: { reason: NotMadeReason | null; after: readonly string[] | null; limit: number },
): Promise<CampaignRecipient[]> {
  const [afterReason, afterId] = after ?? [];
  const rows = await sql<{ recipientId: string; reason: NotMadeReason; detail: string | null }[]>`
    select recipient_id as "recipientId", reason, detail from campaign_not_made
    where campaign_id = ${campaignId}
      ${reason === null ? sql`` : sql`and reason = ${reason}`}
      ${afterReason === undefined || afterId === undefined ? sql`` : sql`and (reason, recipient_id) > (${afterReason}, ${afterId})`}
    order by reason, recipient_id
    limit ${limit}`;
  return rows.map((row) => ({ ...NOTHING, ...row, place: [row.reason, row.recipientId] }));
}

/** Recipients who were not looked at yet, in the order of the chunks. */
export async function listRemaining(
  sql: Reader,
  campaignId: string,
  { after, limit }: { after: readonly string[] | null; limit: number },
): Promise<CampaignRecipient[]> {
  const [n, place] = (after ?? ['0', '0']).map(Number) as [number, number];
  // Each of these has one recipient at least.
  const rows = await sql<{ recipientId: string | null; n: number; place: number }[]>`
    select m.id as "recipientId", c.n, (c.made_upto + m.place)::int as place
    from (
      select n, made_upto, recipient_ids from campaign_chunks
      where campaign_id = ${campaignId} and state = 'open' and n >= ${n}
      order by n limit ${limit + 1}
    ) c
    cross join lateral unnest(c.recipient_ids[c.made_upto + 1 :]) with ordinality as m (id, place)
    where c.n > ${n} or c.made_upto + m.place > ${place}
    order by c.n, m.place
    limit ${limit}`;
  return rows.map(({ recipientId, ...at }) => ({
    ...NOTHING,
    recipientId,
    place: [String(at.n), String(at.place)],
  }));
}
