import { parseTraceparent } from '@carillon/core/program/traces';

/**
 * What a job carries: ids and a version, never an address, a body or a secret (Redis keeps jobs in clear text and
 * Bull Board shows them). A payload is an untrusted claim about work: the claim in PostgreSQL decides.
 */
export type JobData = DeliverJob | ChunkJob | CanaryJob;

export interface DeliverJob {
  v: 1;
  id: string;
  /** Of the relay's span that published it. Optional, so that releases without it read the job as well. */
  traceparent?: string;
}

/** Up to CHUNK_SIZE notifications of one lane. */
export interface ChunkJob {
  v: 1;
  ids: string[];
  /** As in DeliverJob. */
  traceparent?: string;
}

/** Proves that a lane moves; the number is the time slot it was made for. */
export interface CanaryJob {
  v: 1;
  canary: number;
}

/** Job names, as Bull Board shows them. */
export const JOB_NAMES = { deliver: 'deliver', chunk: 'chunk', canary: 'canary' } as const;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The newest payload version this code understands. A change that raises it keeps reading the older ones: jobs outlive
 * a release.
 */
export const JOB_VERSION = 1;

/**
 * The version of a payload that was made by a newer release than this one, else null. Such a job is left for a worker
 * of that release, whatever else it holds.
 */
export function newerVersion(data: unknown): number | null {
  if (typeof data !== 'object' || data === null) return null;
  const { v } = data as Record<string, unknown>;
  return typeof v === 'number' && Number.isSafeInteger(v) && v > JOB_VERSION ? v : null;
}

/** Reads a payload; null if no version has this form. */
export function parseJobData(data: unknown): JobData | null {
  if (typeof data !== 'object' || data === null) return null;
  const { v, id, ids, canary, traceparent } = data as Record<string, unknown>;
  if (v !== 1) return null;
  const published = typeof traceparent === 'string' && parseTraceparent(traceparent) ? { traceparent } : {};
  if (typeof id === 'string' && UUID.test(id)) return { v, id, ...published };
  if (
    Array.isArray(ids) &&
    ids.length > 0 &&
    ids.every((each) => typeof each === 'string' && UUID.test(each))
  )
    return { v, ids, ...published };
  return typeof canary === 'number' ? { v, canary } : null;
}
