import type { TemplatePart } from '@carillon/client/api-types';
import type { PartKind } from '@carillon/core/template/compile/parts';
import { useQuery } from '@tanstack/react-query';
import { CarillonError, call, exchange } from '../api/call.ts';
import { useHere } from '../api/session.tsx';
import { OPERATIONS } from './operations.ts';

/** A layout or partial with the entity tag that it was read with; null: there is none of this name yet. */
export interface Read {
  part: TemplatePart | null;
  etag: string;
}

export async function readPart(kind: PartKind, key: string, signal?: AbortSignal): Promise<Read> {
  try {
    const options = signal === undefined ? {} : { signal };
    const { body, header } = await exchange(OPERATIONS[kind].get, { path: { key } }, options);
    return { part: body, etag: header('etag') ?? '' };
  } catch (error) {
    if (error instanceof CarillonError && error.status === 404) return { part: null, etag: '' };
    throw error;
  }
}

/** Every layout or partial of the app and environment that is shown. */
export function useParts(kind: PartKind) {
  const { tenant } = useHere();
  return useQuery({
    queryKey: [tenant.app, tenant.environment, `${kind}s`, 'all'],
    queryFn: async ({ signal }) => {
      const parts: TemplatePart[] = [];
      let cursor: string | null = null;
      do {
        const query: { limit: number; cursor?: string } = { limit: 200, ...(cursor !== null && { cursor }) };
        const page = await call(OPERATIONS[kind].list, { query }, { signal });
        parts.push(...page.data);
        cursor = page.next_cursor;
      } while (cursor !== null);
      return parts;
    },
  });
}
