import type { Filter } from '@carillon/core/audience/filter';
import type { AudienceRow } from '@carillon/db/audiences/audiences';
import { keepCount } from '@carillon/db/audiences/change-audiences';
import {
  type AudienceCount,
  type CountedAudience,
  countExactly,
  countReachable,
  estimateAudience,
} from '@carillon/db/audiences/count-audience';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { ReadAnswer, ReadFrom } from '@carillon/db/replica/reader';
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

export interface CountContext {
  /** For what the filter names, and for keeping the count. */
  db: Sql;
  /** Where recipients are counted, which may be a replica: then they are counted as of a moment ago. */
  read<T>(work: (from: ReadFrom) => Promise<T>): Promise<ReadAnswer<T>>;
}

/**
 * Counts the recipients of an audience.
 *
 * @param path of the filter in the request.
 * @param saved the audience that the filter names: an exact count is kept beside it.
 * @throws ProblemError 422 for what the filter names and there is not.
 */
export async function countAudience(
  { db, read }: CountContext,
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
  const { value, asOf } = await read(({ sql, sets }) => counted({ sql, sets }, mode, audience));
  const { count, channels } = value;
  const countedAt = new Date(now!.at.getTime() - Math.max(0, startedAt - (asOf ?? startedAt)));
  if (mode !== 'estimate' && saved) await keepCount(db, saved, { count, countedAt });
  return {
    count: mode === 'estimate' ? null : count,
    about: mode === 'estimate' ? rounded(count) : count,
    channels,
    countedAt,
    tookMs: Math.round(performance.now() - startedAt),
  };
}

async function counted(
  { sql, sets }: Pick<ReadFrom, 'sql' | 'sets'>,
  mode: CountMode,
  audience: CountedAudience,
): Promise<{ count: number; channels: AudienceCounted['channels'] }> {
  if (mode === 'count') return { count: await countExactly(sets, audience), channels: null };
  const { count, ...channels } = await (mode === 'estimate'
    ? estimateAudience(sql, audience)
    : countReachable(sets, audience));
  return { count, channels };
}

/** To two significant digits: more of an estimate would look exact. */
function rounded(n: number): number {
  return n < 100 ? n : Number(n.toPrecision(2));
}
