import { MAX_FETCHED_BYTES, MAX_TOTAL_BYTES, mediaTypeOf } from '@carillon/core/attachment';
import type { MailAttachment } from '@carillon/core/message';
import { keepAttachment } from '@carillon/db/queries/keep-attachment';
import { type AttachmentRow, loadAttachments } from '@carillon/db/queries/load-attachments';
import type { Sql } from 'postgres';
import type { GuardedGet } from '../emit/guarded-get.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { CategoryBook } from './category-settings.ts';
import type { AttemptEnd, Claimed, Steps } from './steps.ts';

export interface AttachOptions {
  sql: Sql;
  http: Pick<GuardedGet, 'get'>;
  /** Shared by all lanes of the process. */
  budget: ByteBudget;
  categories: Pick<CategoryBook, 'settingsFor'>;
  /** Aborted when the process stops: nobody waits for a file any more. */
  stopping?: AbortSignal;
  maxWaitMs?: number;
}

/** For all files of one notification together; one GET has 10 s. */
const FETCH_MS = 20_000;
/** A longer wait for memory gives the slot back. */
const MAX_WAIT_MS = 5_000;
const RETRY_MS = 2_000;

const NOTHING = (): void => {};

/**
 * The attach step: puts the files of an e-mail into the message. They are loaded here and not with the claim, because of
 * nearly all notifications there are none, and because they are large: what all deliveries of a process hold of them has a
 * bound.
 *
 * A file that stands at an address is fetched once, on the first attempt, and kept: every attempt sends the same bytes. If
 * the address does not answer, that is a try like any other, up to the schedule of the priority; a file that will never
 * come (404, too large, a private network) ends the channel at once.
 */
export function createAttach(options: AttachOptions): Steps['attach'] {
  const { sql, http, budget, categories, stopping, maxWaitMs = MAX_WAIT_MS } = options;

  return async (claimed, message) => {
    const bytes = claimed.options?.attachments_bytes;
    if (message.channel !== 'email' || bytes === undefined) return { ok: true, message, detach: NOTHING };
    const detach = await budget.take(bytes, maxWaitMs);
    if (detach === null) {
      const reason = 'waits: files of other messages take up the memory that is set aside for them';
      return { ok: false, end: { kind: 'unsent', retryInMs: RETRY_MS, reason } };
    }
    let isAttached = false;
    try {
      const found = await filesOf(claimed);
      if ('end' in found) return { ok: false, end: found.end };
      isAttached = true;
      return { ok: true, message: { ...message, attachments: found.files }, detach };
    } finally {
      if (!isAttached) detach();
    }
  };

  async function filesOf(claimed: Claimed): Promise<{ files: MailAttachment[] } | { end: AttemptEnd }> {
    const rows = await loadAttachments(sql, claimed.id);
    if (rows.length === 0) return { end: gone('its files are gone') };
    const signals = [AbortSignal.timeout(FETCH_MS), ...(stopping ? [stopping] : [])];
    const signal = AbortSignal.any(signals);
    const files: MailAttachment[] = [];
    let left = MAX_TOTAL_BYTES;
    for (const row of rows) {
      const file =
        row.content === null ? await fetched(claimed, row, left, signal) : { ...row, content: row.content };
      if ('end' in file) return file;
      left -= file.content.length;
      const { filename, contentType, content } = file;
      files.push({ filename, contentType, content: content.toString('base64') });
    }
    return { files };
  }

  /** One after the other, so that no more is in memory than may be sent. */
  async function fetched(
    claimed: Claimed,
    { position, filename, contentType, url }: AttachmentRow,
    left: number,
    signal: AbortSignal,
  ): Promise<{ filename: string; contentType: string; content: Buffer } | { end: AttemptEnd }> {
    const got = await http.get(url!, Math.min(MAX_FETCHED_BYTES, left), signal);
    if ('error' in got) {
      if (stopping?.aborted) return { end: STOPPED };
      const reason = `the attachment "${filename}" cannot be fetched: its address ${got.error}`;
      return { end: got.again ? unready(claimed, reason) : gone(reason) };
    }
    const file = { contentType: contentType || mediaTypeOf(got.contentType), content: got.content };
    if (await keepAttachment(sql, { notificationId: claimed.id, position, ...file }))
      return { filename, ...file };
    const kept = (await loadAttachments(sql, claimed.id)).find((row) => row.position === position);
    if (!kept?.content) return { end: gone(`the attachment "${filename}" is gone`) };
    return { filename, contentType: kept.contentType, content: kept.content };
  }

  function unready({ app_id: appId, environment, category }: Claimed, reason: string): AttemptEnd {
    const schedule = categories.settingsFor(appId, environment, category).backoffSeconds ?? undefined;
    return { kind: 'unready', code: 'attachment_unreachable', reason, schedule };
  }
}

const gone = (reason: string): AttemptEnd => ({ kind: 'impossible', code: 'attachment_unavailable', reason });

const STOPPED: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 0,
  reason: 'the worker stops: given back unsent',
};
