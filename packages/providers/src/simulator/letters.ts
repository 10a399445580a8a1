import { base64Bytes } from '@carillon/core/attachment';
import type { Acceptance } from './ledger.ts';

/** What an e-mail says beyond its line in the ledger. Names of headers are in lower case. */
export interface Letter {
  headers: Record<string, string>;
  attachments: LetterFile[];
  html: string | null;
}

export interface LetterFile {
  filename: string;
  content_type: string;
  bytes: number;
}

export interface KeptLetter extends Letter {
  provider: string;
  to: string;
  subject: string | null;
  notification_id: string | null;
  attempt_id: string | null;
}

const MAX_KEPT = 200;
const MAX_HTML_LENGTH = 64 * 1024;

/** The newest e-mails that were accepted, in memory: for people and tests that want to see one (`GET /letters`). */
export class Letters {
  readonly #kept: KeptLetter[] = [];

  keep({ provider, to, subject, notification_id, attempt_id, letter }: Acceptance): void {
    if (letter === undefined) return;
    const html = letter.html?.slice(0, MAX_HTML_LENGTH) ?? null;
    this.#kept.push({ provider, to, subject, notification_id, attempt_id, ...letter, html });
    // In larger steps: shifting an array at every message would be most of the work.
    if (this.#kept.length >= 2 * MAX_KEPT) this.#kept.splice(0, this.#kept.length - MAX_KEPT);
  }

  /** Newest first; of one notification, or of all. */
  find(notificationId: string | null): KeptLetter[] {
    const wanted = this.#kept.filter(
      ({ notification_id: id }) => notificationId === null || id === notificationId,
    );
    return wanted.slice(-MAX_KEPT).reverse();
  }
}

/** As JSON APIs spell an e-mail; what is of another shape is left out. */
export function letterOf(
  headers: unknown,
  attachments: unknown,
  html: unknown,
  read: (file: Record<string, unknown>) => { filename: unknown; type: unknown; content: unknown },
): Letter {
  return {
    headers: Object.fromEntries(
      Object.entries((headers ?? {}) as object).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    attachments: (Array.isArray(attachments) ? attachments : []).map((file) => {
      const { filename, type, content } = read((file ?? {}) as Record<string, unknown>);
      return {
        filename: String(filename),
        content_type: String(type),
        bytes: typeof content === 'string' ? (base64Bytes(content) ?? -1) : -1,
      };
    }),
    html: typeof html === 'string' ? html : null,
  };
}
