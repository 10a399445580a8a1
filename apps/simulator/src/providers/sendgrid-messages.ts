import type { Kept, RequestHandler } from '../request-handler.ts';

export interface Mail {
  /** `<X-Message-Id>.<machine>-<n>`: one per recipient. */
  msg_id: string;
  from_email: string;
  to_email: string;
  subject: string;
  args: Record<string, string>;
  at: string;
}

const MAX_MESSAGES = 100_000;
const MAX_LIMIT = 1_000;

/** The messages that Email Activity can find: the newest 100,000, kept over restarts. */
export class Activity {
  readonly #mails: Mail[] = [];

  constructor(handler: RequestHandler) {
    for (const memory of handler.ledger.memories('sendgrid')) this.#put(memory.mails as Mail[]);
  }

  begin(mails: Mail[]): Kept {
    return {
      memory: { provider: 'sendgrid', mails },
      written: () => this.#put(mails),
      failed: () => {},
    };
  }

  /**
   * Newest first.
   *
   * @param query conditions joined by AND: `unique_args['k']="v"`, `to_email="v"`, `msg_id="v"`, `subject="v"`; null
   *   for all.
   * @returns null if it cannot be read.
   */
  find(query: string | null, limit: number): Mail[] | null {
    const wanted = query === null ? [] : conditionsIn(query);
    if (wanted === null) return null;
    const found: Mail[] = [];
    for (let i = this.#mails.length - 1; i >= 0 && found.length < Math.min(limit, MAX_LIMIT); i--) {
      const mail = this.#mails[i]!;
      if (wanted.every((fits) => fits(mail))) found.push(mail);
    }
    return found;
  }

  #put(mails: Mail[]): void {
    this.#mails.push(...mails);
    if (this.#mails.length > 2 * MAX_MESSAGES) this.#mails.splice(0, this.#mails.length - MAX_MESSAGES);
  }
}

const FIELDS = ['to_email', 'from_email', 'msg_id', 'subject'] as const;

function conditionsIn(query: string): ((mail: Mail) => boolean)[] | null {
  const conditions: ((mail: Mail) => boolean)[] = [];
  for (const part of query.split(/\s+AND\s+/i)) {
    const arg = /^\(?unique_args\['([^']+)'\]\s*=\s*"([^"]*)"\)?$/.exec(part);
    const field = /^\(?(\w+)\s*=\s*"([^"]*)"\)?$/.exec(part);
    const name = FIELDS.find((each) => each === field?.[1]);
    if (arg) conditions.push((mail) => Object.hasOwn(mail.args, arg[1]!) && mail.args[arg[1]!] === arg[2]);
    else if (field && name) conditions.push((mail) => mail[name] === field[2]);
    else return null;
  }
  return conditions;
}
