import { commandOf } from '../command.ts';
import type { Kept, RequestHandler } from '../request-handler.ts';
import { DELAY_MS } from '../simulated-provider.ts';

export interface Sms {
  sid: string;
  account: string;
  to: string;
  from: string | null;
  service: string | null;
  body: string;
  at: string;
}

const MAX_MESSAGES = 100_000;
const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1_000;

/** The messages that can be looked up: the newest 100,000, kept over restarts. */
export class SmsLog {
  readonly #messages = new Map<string, Sms>();

  constructor(handler: RequestHandler) {
    for (const memory of handler.ledger.memories('twilio')) this.#put(memory.sms as Sms);
  }

  begin(sms: Sms): Kept {
    return {
      memory: { provider: 'twilio', sms },
      written: () => this.#put(sms),
      failed: () => {},
    };
  }

  get(account: string, sid: string): unknown {
    const sms = this.#messages.get(sid);
    return sms?.account === account ? smsResource(sms, fateOf(sms)) : undefined;
  }

  /** Newest first; filters `To`, `From`, `DateSent` (a day or a time) with `DateSent<` and `DateSent>`; pages by `Page`. */
  list(account: string, query: URLSearchParams): unknown {
    const pageSize = clamp(Number(query.get('PageSize') ?? DEFAULT_PAGE_SIZE), 1, MAX_PAGE_SIZE);
    const page = clamp(Number(query.get('Page') ?? 0), 0, MAX_MESSAGES);
    const matches = [...this.#messages.values()]
      .filter((sms) => sms.account === account && isWanted(sms, query))
      .reverse();
    const shown = matches.slice(page * pageSize, (page + 1) * pageSize);
    const uri = (n: number): string => {
      const other = new URLSearchParams(query);
      other.set('PageSize', String(pageSize));
      other.set('Page', String(n));
      return `/2010-04-01/Accounts/${account}/Messages.json?${other}`;
    };
    return {
      messages: shown.map((sms) => smsResource(sms, fateOf(sms))),
      page,
      page_size: pageSize,
      start: page * pageSize,
      end: page * pageSize + Math.max(0, shown.length - 1),
      uri: uri(page),
      first_page_uri: uri(0),
      previous_page_uri: page > 0 ? uri(page - 1) : null,
      next_page_uri: (page + 1) * pageSize < matches.length ? uri(page + 1) : null,
    };
  }

  #put(sms: Sms): void {
    this.#messages.set(sms.sid, sms);
    if (this.#messages.size > MAX_MESSAGES) this.#messages.delete(this.#messages.keys().next().value!);
  }
}

interface Fate {
  status: 'queued' | 'sent' | 'delivered' | 'undelivered';
  code?: number;
  message?: string;
}

export const QUEUED: Fate = { status: 'queued' };

/** The outcome commanded by its number, visible from the time of the callback. The codes are those of twilio.ts. */
function fateOf(sms: Sms): Fate {
  if (Date.now() - Date.parse(sms.at) < DELAY_MS) return { status: 'sent' };
  switch (commandOf(sms.to)) {
    case 'undelivered':
      return { status: 'undelivered', code: 30005, message: 'Unknown destination handset' };
    case 'stopped':
      return { status: 'undelivered', code: 21610, message: 'Attempt to send to unsubscribed recipient' };
    case 'unreported':
      return { status: 'sent' };
    default:
      return { status: 'delivered' };
  }
}

/** The message as Twilio's API shows it; its dates are RFC 2822. */
export function smsResource(sms: Sms, { status, code, message }: Fate): unknown {
  const uri = `/2010-04-01/Accounts/${sms.account}/Messages/${sms.sid}`;
  const date = new Date(sms.at).toUTCString().replace('GMT', '+0000');
  return {
    account_sid: sms.account,
    api_version: '2010-04-01',
    body: sms.body,
    date_created: date,
    date_sent: status === 'queued' ? null : date,
    date_updated: date,
    direction: 'outbound-api',
    error_code: code ?? null,
    error_message: message ?? null,
    from: sms.from,
    messaging_service_sid: sms.service,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: 'USD',
    sid: sms.sid,
    status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: sms.to,
    uri: `${uri}.json`,
  };
}

function isWanted(sms: Sms, query: URLSearchParams): boolean {
  const to = query.get('To');
  const from = query.get('From');
  const on = query.get('DateSent');
  const before = query.get('DateSent<');
  const after = query.get('DateSent>');
  if (to !== null && sms.to !== to) return false;
  if (from !== null && sms.from !== from) return false;
  if (on !== null && sms.at.slice(0, 10) !== on.slice(0, 10)) return false;
  if (before !== null && moment(sms.at, before) > Date.parse(before)) return false;
  if (after !== null && moment(sms.at, after) < Date.parse(after)) return false;
  return true;
}

/** As precise as the bound it is compared with: Twilio filters by day or by second. */
function moment(at: string, bound: string): number {
  return Date.parse(bound.length <= 10 ? at.slice(0, 10) : `${at.slice(0, 19)}Z`);
}

function clamp(value: number, min: number, max: number): number {
  return Number.isFinite(value) ? Math.min(max, Math.max(min, Math.trunc(value))) : min;
}
