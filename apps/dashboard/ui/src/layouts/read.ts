import type { TemplatePart } from '@carillon/client/api-types';
import type { PartKind } from '@carillon/core/template/compile/parts';
import { CarillonError, exchange } from '../api/call.ts';
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
