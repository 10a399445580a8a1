import { base64Bytes } from '@carillon/core/notification/attachment';

/** The parts of an e-mail that are not in its ledger line. Header names are in lower case. */
export interface SimulatedMail {
  headers: Record<string, string>;
  attachments: MailFile[];
  html: string | null;
  text: string | null;
}

export interface MailFile {
  filename: string;
  content_type: string;
  bytes: number;
}

export interface KeptMail extends SimulatedMail {
  provider: string;
  to: string;
  subject: string | null;
  notification_id: string | null;
  attempt_id: string | null;
}

/** The e-mail fields of an acceptance. */
type Accepted = Omit<KeptMail, keyof SimulatedMail> & { letter?: SimulatedMail };

const MAX_KEPT = 200;
const MAX_TEXT_LENGTH = 64 * 1024;

/** The newest accepted e-mails, in memory: for people and tests that inspect them (`GET /letters`). */
export class Mailbox {
  readonly #kept: KeptMail[] = [];

  keep({ provider, to, subject, notification_id, attempt_id, letter }: Accepted): void {
    if (letter === undefined) return;
    const html = letter.html?.slice(0, MAX_TEXT_LENGTH) ?? null;
    const text = letter.text?.slice(0, MAX_TEXT_LENGTH) ?? null;
    this.#kept.push({ provider, to, subject, notification_id, attempt_id, ...letter, html, text });
    // In larger steps: shifting an array at every message would be most of the work.
    if (this.#kept.length >= 2 * MAX_KEPT) this.#kept.splice(0, this.#kept.length - MAX_KEPT);
  }

  /** Newest first; of one notification, or of all. */
  find(notificationId: string | null): KeptMail[] {
    const wanted = this.#kept.filter(
      ({ notification_id: id }) => notificationId === null || id === notificationId,
    );
    return wanted.slice(-MAX_KEPT).reverse();
  }
}

/** An e-mail in the form of JSON APIs; fields of another type are omitted. */
export function simulatedMail(
  headers: unknown,
  attachments: unknown,
  { html, text }: { html?: unknown; text?: unknown },
  read: (file: Record<string, unknown>) => { filename: unknown; type: unknown; content: unknown },
): SimulatedMail {
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
    text: typeof text === 'string' ? text : null,
  };
}
