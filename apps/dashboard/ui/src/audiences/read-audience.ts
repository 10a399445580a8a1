import type { AudienceWithUsers } from '@carillon/client/api-types';
import { exchange } from '../api/call.ts';

/** An audience with the entity tag that it was read with. */
export interface Read {
  audience: AudienceWithUsers;
  etag: string;
}

export async function readAudience(key: string, signal?: AbortSignal): Promise<Read> {
  const { body, header } = await exchange('getAudience', { path: { key } }, signal ? { signal } : {});
  return { audience: body, etag: header('etag') ?? '' };
}

/** What is written of a filter. */
export interface Wanted {
  name: string;
  filter: Record<string, unknown>;
}
