import { hash } from 'node:crypto';
import type { Kept, RequestHandler } from '../request-handler.ts';

export interface Report {
  /** The owner's API key as a digest, because API keys must not be stored on disk. */
  key: string;
  sender: string;
  receiver: string;
  message: string;
  status: string;
  sms_type: string;
  message_id: string;
  at: string;
}

const MAX_REPORTS = 100_000;
const PAGE_SIZE = 2_000;

/** The messages in Termii's report: the newest 100,000, kept over restarts. */
export class TermiiLog {
  readonly #reports: Report[] = [];

  constructor(handler: RequestHandler) {
    for (const memory of handler.ledger.memories('termii')) this.#put(memory.report as Report);
  }

  begin(report: Report): Kept {
    const kept = { ...report, key: digest(report.key) };
    return {
      memory: { provider: 'termii', report: kept },
      written: () => this.#put(kept),
      failed: () => {},
    };
  }

  /**
   * An account's messages, newest first: all in an array, or above 2,000 the first page, in an object.
   *
   * @param id of one message; null for all.
   */
  report(apiKey: string, id: string | null): unknown {
    const key = digest(apiKey);
    const all = this.#reports.filter((each) => each.key === key && (id === null || each.message_id === id));
    const rows = all.slice(-PAGE_SIZE).reverse().map(row);
    if (rows.length === all.length) return rows;
    const last = Math.ceil(all.length / PAGE_SIZE);
    return { data: { current_page: 1, data: rows, last_page: last, per_page: PAGE_SIZE, total: all.length } };
  }

  #put(report: Report): void {
    this.#reports.push(report);
    if (this.#reports.length > 2 * MAX_REPORTS) this.#reports.splice(0, this.#reports.length - MAX_REPORTS);
  }
}

/** Times have no zone: they are UTC here. */
function row({ key: _, at, ...report }: Report): unknown {
  return { ...report, amount: 1, reroute: 0, send_by: 'api', created_at: at.slice(0, 19).replace('T', ' ') };
}

function digest(key: string): string {
  return hash('sha256', key, 'base64url');
}
