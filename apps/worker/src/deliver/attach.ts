import { MAX_FETCHED_BYTES, MAX_TOTAL_BYTES, mediaTypeOf } from '@carillon/core/notification/attachment';
import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { MailAttachment, Message } from '@carillon/core/notification/message';
import { type AttachmentRow, keepAttachment, loadAttachments } from '@carillon/db/templates/attachments';
import type { Claimed, Step } from './claimed.ts';
import type { DeliveryContext } from './context.ts';
import { STOPPED } from './permit.ts';

/** For all files of one notification together; one GET has 10 s. */
const FETCH_MS = 20_000;
const RETRY_MS = 2_000;

const NOTHING = (): void => {};

/**
 * The attach step: puts the files of an e-mail into the message. They are loaded here and not with the claim, because
 * nearly all notifications have none, and because they are large: the bytes held by all deliveries of a process have a
 * bound.
 *
 * A file given by URL is fetched once, on the first attempt, and kept: every attempt sends the same bytes. If the URL
 * does not answer, that counts as a try like any other, up to the schedule of the priority; a file that can never be
 * fetched (404, too large, a private network) ends the channel at once.
 */
export async function attach(
  ctx: DeliveryContext,
  claimed: Claimed,
  message: Message,
): Promise<Step<{ message: Message; detach(): void }>> {
  const bytes = claimed.options?.attachments_bytes;
  if (message.channel !== 'email' || bytes === undefined) return { ok: true, message, detach: NOTHING };
  const detach = await ctx.fileMemory.acquire({ weight: bytes, timeoutMs: ctx.memoryWaitMs });
  if (detach === null) {
    const reason = 'waits: files of other messages take up the memory that is set aside for them';
    return { ok: false, end: { kind: 'unsent', retryInMs: RETRY_MS, reason } };
  }
  let isAttached = false;
  try {
    const found = await filesOf(ctx, claimed);
    if ('end' in found) return { ok: false, end: found.end };
    isAttached = true;
    return { ok: true, message: { ...message, attachments: found.files }, detach };
  } finally {
    if (!isAttached) detach();
  }
}

async function filesOf(
  ctx: DeliveryContext,
  claimed: Claimed,
): Promise<{ files: MailAttachment[] } | { end: AttemptEnd }> {
  const rows = await loadAttachments(ctx.sql, claimed.id);
  if (rows.length === 0) return { end: gone('its files are gone') };
  const signal = AbortSignal.any([AbortSignal.timeout(FETCH_MS), ctx.stopping]);
  const files: MailAttachment[] = [];
  let left = MAX_TOTAL_BYTES;
  for (const row of rows) {
    const file =
      row.content === null
        ? await fetched(ctx, claimed, row, left, signal)
        : { ...row, content: row.content };
    if ('end' in file) return file;
    left -= file.content.length;
    const { filename, contentType, content } = file;
    files.push({ filename, contentType, content: content.toString('base64') });
  }
  return { files };
}

/** One after the other, so that memory never holds more than may be sent. */
async function fetched(
  { sql, files, stopping, categories }: DeliveryContext,
  claimed: Claimed,
  { position, filename, contentType, url }: AttachmentRow,
  left: number,
  signal: AbortSignal,
): Promise<{ filename: string; contentType: string; content: Buffer } | { end: AttemptEnd }> {
  const got = await files.get(url!, Math.min(MAX_FETCHED_BYTES, left), signal);
  if ('error' in got) {
    if (stopping.aborted) return { end: STOPPED };
    const reason = `the attachment "${filename}" cannot be fetched: its address ${got.error}`;
    return { end: got.again ? unready(categories, claimed, reason) : gone(reason) };
  }
  const file = { contentType: contentType || mediaTypeOf(got.contentType), content: got.content };
  if (await keepAttachment(sql, { notificationId: claimed.id, position, ...file }))
    return { filename, ...file };
  const kept = (await loadAttachments(sql, claimed.id)).find((row) => row.position === position);
  if (!kept?.content) return { end: gone(`the attachment "${filename}" is gone`) };
  return { filename, contentType: kept.contentType, content: kept.content };
}

function unready(
  categories: DeliveryContext['categories'],
  { app_id: appId, environment, category }: Claimed,
  reason: string,
): AttemptEnd {
  const schedule = categories.settingsFor(appId, environment, category).backoffSeconds ?? undefined;
  return { kind: 'unready', code: 'attachment_unreachable', reason, schedule };
}

const gone = (reason: string): AttemptEnd => ({ kind: 'impossible', code: 'attachment_unavailable', reason });
