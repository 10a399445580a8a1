import type { KeyScope } from '@carillon/core/access/access';

/** One changing request of Bull Board's UI, and how it is authorized. */
export interface BoardAction {
  /** As in the audit log. */
  action: string;
  /**
   * `never`: refused to everybody. A job's payload is only an id, and the claim in PostgreSQL decides what it means.
   */
  needs: KeyScope | 'never';
  /** The lane, or `*` for all of them. */
  lane: string;
  jobId?: string;
  /** The set a bulk action empties or retries: `failed`, `completed`, `delayed` ... */
  status?: string;
}

type Rule = [method: string, pattern: RegExp, action: string, needs: BoardAction['needs']];

const work = 'queues:work';
const administer = 'queues:administer';

/**
 * Every changing route of Bull Board 9.10.1, first match wins. Routes that are not listed, for example of a newer Bull
 * Board, are refused to everybody: the list must be extended explicitly.
 */
const RULES: readonly Rule[] = [
  ['PUT', /^\/queues\/(?<lane>pause)$/, 'queue.pause', administer],
  ['PUT', /^\/queues\/(?<lane>resume)$/, 'queue.resume', administer],
  ['POST', /^\/queues\/(?<lane>[^/]+)\/add$/, 'queue.add', 'never'],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/retry\/(?<status>failed)$/, 'queue.retry_all', work],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/retry\/(?<status>[^/]+)$/, 'queue.retry_all', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/promote$/, 'queue.promote_all', work],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/clean\/(?<status>failed)$/, 'queue.clean_all', work],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/clean\/(?<status>[^/]+)$/, 'queue.clean_all', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/pause$/, 'queue.pause', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/resume$/, 'queue.resume', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/concurrency$/, 'queue.limit', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/rate-limit$/, 'queue.limit', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/rate-limit\/release$/, 'queue.limit', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/empty$/, 'queue.empty', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/obliterate$/, 'queue.obliterate', administer],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/job-schedulers\//, 'queue.schedule', 'never'],
  ['PATCH', /^\/queues\/(?<lane>[^/]+)\/job-schedulers\//, 'queue.schedule', 'never'],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/retry$/, 'queue.retry', work],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/promote$/, 'queue.promote', work],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/clean$/, 'queue.clean', work],
  ['PATCH', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/update-data$/, 'queue.update_data', 'never'],
  ['PATCH', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/delay$/, 'queue.delay', administer],
  ['PATCH', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/priority$/, 'queue.prioritize', 'never'],
  ['PUT', /^\/queues\/(?<lane>[^/]+)\/(?<job>[^/]+)\/remove-unprocessed-children$/, 'queue.clean', 'never'],
];

/**
 * Classifies a changing request to Bull Board's API.
 *
 * @param path the path below `/queues/api`, as Hono provides it (still percent-encoded).
 * @returns the action; for unknown requests one that is always refused.
 */
export function boardActionOf(method: string, path: string): BoardAction {
  for (const [ruleMethod, pattern, action, needs] of RULES) {
    const found = ruleMethod === method ? pattern.exec(path)?.groups : undefined;
    if (!found) continue;
    const lane = found['lane']!;
    const everyLane = path === `/queues/${lane}`;
    return {
      action,
      needs,
      lane: everyLane ? '*' : decode(lane),
      ...(found['job'] === undefined ? {} : { jobId: decode(found['job']) }),
      ...(found['status'] === undefined ? {} : { status: decode(found['status']) }),
    };
  }
  return { action: 'queue.unknown', needs: 'never', lane: '*' };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
