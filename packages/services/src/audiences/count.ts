import type { Filter } from '@carillon/core/audience/filter';
import type { AudienceRow } from '@carillon/db/audiences/audiences';
import { keepCount } from '@carillon/db/audiences/change-audiences';
import {
  type AudienceCount,
  countExactly,
  countReachable,
  estimateAudience,
} from '@carillon/db/audiences/count-audience';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { Sql } from 'postgres';
import { resolveAudience } from './resolve.ts';

/** `exact`: every recipient; `count`: the same without channels, several times as fast; `estimate`: a sample, at once. */
export type CountMode = 'exact' | 'count' | 'estimate';

export interface AudienceCounted {
  /** Null for an estimate. */
  count: number | null;
  /** The count; of an estimate, two significant digits. */
  about: number;
  /** Null without channels. */
  channels: Pick<AudienceCount, 'reachable' | 'unreachable'> | null;
  countedAt: Date;
  tookMs: number;
}

/**
 * Counts the recipients of an audience.
 *
 * @param ctx.sets for statements over many rows.
 * @param path of the filter in the request.
 * @param saved the audience that the filter names: an exact count is kept beside it.
 * @throws ProblemError 422 for what the filter names and there is not.
 */
export async function countAudience(
  { db, sets }: { db: Sql; sets: Sql },
  {
    tenant,
    filter,
    mode,
    path,
    saved,
  }: { tenant: Tenant; filter: Filter; mode: CountMode; path?: string; saved?: AudienceRow },
): Promise<AudienceCounted> {
  const audience = await resolveAudience(db, tenant, filter, path === undefined ? {} : { path });
  const startedAt = performance.now();
  const [now] = await db<{ at: Date }[]>`select now() as at`;
  const done = (count: number | null, about: number, channels: AudienceCounted['channels']) => ({
    count,
    about,
    channels,
    countedAt: now!.at,
    tookMs: Math.round(performance.now() - startedAt),
  });
  const keep = async (count: number) => saved && (await keepCount(db, saved, { count, countedAt: now!.at }));
  if (mode === 'count') {
    const count = await countExactly(sets, audience);
    await keep(count);
    return done(count, count, null);
  }
  if (mode === 'estimate') {
    const { count, ...channels } = await estimateAudience(db, audience);
    return done(null, rounded(count), channels);
  }
  const { count, ...channels } = await countReachable(sets, audience);
  await keep(count);
  return done(count, count, channels);
}

/** To two significant digits: more of an estimate would look exact. */
function rounded(n: number): number {
  return n < 100 ? n : Number(n.toPrecision(2));
}
