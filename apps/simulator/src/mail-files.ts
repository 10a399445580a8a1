import { mailHeaders } from './mail-headers.ts';
import type { MailFile } from './mailbox.ts';

/** The attachments of a message in MIME, if encoded in base64: enough to display what arrived. */
export function mailFiles(message: string): MailFile[] {
  return message.split(/\r?\n--[^\r\n]+\r?\n/).flatMap((part) => {
    const end = part.search(/\r?\n\r?\n/);
    const headers = mailHeaders(part.slice(0, end >>> 0));
    const disposition = headers.get('content-disposition') ?? '';
    if (end < 0 || !/^attachment\b/i.test(disposition)) return [];
    const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
    const bytes = Buffer.from(part.slice(end).replace(/--[^\r\n]*--\s*$/, ''), 'base64').length;
    return [{ filename: filenameIn(disposition), content_type: type, bytes }];
  });
}

/** `filename=a.pdf`, `filename="a b.pdf"` or, by RFC 2231, `filename*0*=utf-8''a%20b.pdf; filename*1*=...`. */
function filenameIn(disposition: string): string {
  const pieces = [...disposition.matchAll(/filename\*(?:\d+\*?)?=([^;]*)/gi)].map(([, piece]) =>
    piece!.trim(),
  );
  if (pieces.length > 0) return decodeURIComponent(pieces.join('').replace(/^[\w-]*'[^']*'/, ''));
  return (
    /filename=(?:"([^"]*)"|([^;\s]*))/i
      .exec(disposition)
      ?.slice(1)
      .find((name) => name !== undefined) ?? ''
  );
}
