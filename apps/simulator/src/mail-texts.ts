import { mailHeaders } from './mail-headers.ts';

/** The texts of a message in MIME, decoded; null where it has none. */
export interface MailTexts {
  text: string | null;
  html: string | null;
}

/** @param message headers and body, as UTF-8 or ASCII. */
export function mailTexts(message: string): MailTexts {
  const found: MailTexts = { text: null, html: null };
  for (const part of message.split(/\r?\n--[^\r\n]+\r?\n/)) {
    const end = part.search(/\r?\n\r?\n/);
    if (end < 0) continue;
    const headers = mailHeaders(part.slice(0, end));
    const type = (headers.get('content-type') ?? 'text/plain').toLowerCase();
    const kind = type.startsWith('text/html') ? 'html' : type.startsWith('text/plain') ? 'text' : null;
    const isFile = /^attachment\b/i.test(headers.get('content-disposition') ?? '');
    if (kind === null || isFile || found[kind] !== null) continue;
    const body = part
      .slice(end)
      .replace(/^\r?\n\r?\n/, '')
      .replace(/\r?\n--[^\r\n]*--\s*$/, '');
    found[kind] = decoded(body, (headers.get('content-transfer-encoding') ?? '7bit').toLowerCase());
  }
  return found;
}

function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return body;
  const bytes = Buffer.from(body.replace(/[ \t]*=\r?\n/g, ''), 'utf8').toString('latin1');
  const plain = bytes.replace(/=([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1').toString('utf8');
}
