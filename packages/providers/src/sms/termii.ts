import type { SmsMessage } from '@carillon/core/message';
import type { CodeTable } from '../code-table.ts';
import type { Probe, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClientOptions,
  type HttpResult,
} from '../http-client.ts';
import { type Dialect, type JsonObject, jsonObject, notSendable, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';
import { termiiReports } from './termii-reports.ts';
import type { TermiiRoute } from './termii-route.ts';

/**
 * Termii. Class B, weakly: no idempotency key and nothing of ours can be planted; the account's report can be searched
 * for the same text to the same number at the time of the call. https://developers.termii.com/messaging-api
 */
export interface TermiiOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender where the message names none: a registered sender id of 3 to 11 letters and digits. */
  from: string;
  /** `generic` unless said. */
  route?: TermiiRoute;
  /** How long after a call its absence from the report is believed; two minutes unless said. */
  lookupSettlesMs?: number;
  /** The base URL that Termii's dashboard shows for the account. */
  baseUrl?: string;
}

/**
 * Termii has no codes but statuses and sentences: these are our names for its "Common Errors".
 * https://developers.termii.com/error/
 */
export const TERMII_CODES: CodeTable = {
  insufficient_balance: 'quota',
  daily_limit: 'quota',
  account_not_active: 'misconfigured',
  route_not_set_up: 'misconfigured',
  // Also as a 404: "ApplicationSenderId not found for applicationId".
  invalid_sender_id: 'misconfigured',
  device_not_found: 'misconfigured',
  invalid_number: 'bad_recipient',
  // The number is on a do-not-disturb list: the `dnd` route reaches it, so it is not the recipient who is bad.
  dnd_active: 'rejected',
  country_inactive: 'rejected',
  400: 'rejected',
  404: 'rejected',
  422: 'rejected',
};

/** The first that fits. A sentence on the sender id may name a number too, so it comes before the numbers. */
const SENTENCES: readonly [RegExp, keyof typeof TERMII_CODES][] = [
  [/insufficient (balance|fund|credit|unit)/i, 'insufficient_balance'],
  [/daily (message )?limit/i, 'daily_limit'],
  [/account is not active|account .*(deactivated|disabled)/i, 'account_not_active'],
  [/not set ?up on this route/i, 'route_not_set_up'],
  [/sender ?id|sender ?name/i, 'invalid_sender_id'],
  [/device not found/i, 'device_not_found'],
  [/\bDND\b|do[- ]not[- ]disturb/i, 'dnd_active'],
  [/country (is )?inactive/i, 'country_inactive'],
  [/invalid (phone|mobile|destination|recipient|number)|(phone|number) .*invalid/i, 'invalid_number'],
];

const DIALECT: Dialect = {
  name: 'Termii',
  codes: TERMII_CODES,
  // `message_id_str` is the same id; older accounts get it as a number too, which JSON does not carry whole.
  messageId: (_, body) =>
    body?.code === undefined || body.code === 'ok' ? (body?.message_id_str ?? body?.message_id) : undefined,
  errorCode: (_, body) => codeIn(sentenceOf(body)),
};

export function termiiAdapter(options: TermiiOptions): ProviderAdapter<SmsMessage> {
  const { apiKey, from, route = 'generic', lookupSettlesMs, ...rest } = options;
  const { baseUrl = 'https://v3.api.termii.com', ...client } = rest;
  const http = createHttpClient(baseUrl, client);
  const query = `?api_key=${encodeURIComponent(apiKey)}`;
  return {
    provider: 'termii',
    channel: 'sms',
    guarantee: 'B',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'sms',
    async send(message, { signal, mayWrite }) {
      const to = message.to.replace(/^\+/, '');
      if (!/^\d{5,15}$/.test(to)) {
        return {
          ...notSendable('Termii', 'invalid_number', 'the number is not E.164'),
          class: 'bad_recipient',
        };
      }
      const sms = {
        to,
        from: message.from ?? from,
        sms: message.text,
        type: 'plain',
        channel: route,
        api_key: apiKey,
      };
      const headers = { 'content-type': 'application/json', accept: 'application/json' };
      const body = JSON.stringify(sms);
      return outcomeOf(DIALECT, await http.post({ path: '/api/sms/send', headers, body, signal, mayWrite }));
    },
    lookup: termiiReports(
      (signal) => http.get({ path: `/api/sms/inbox${query}`, headers: {}, signal }),
      lookupSettlesMs,
    ),
    probe: async (signal) =>
      balanceOf(await http.get({ path: `/api/get-balance${query}`, headers: {}, signal })),
    close: () => http.close(),
  };
}

/** An account without money takes nothing. */
function balanceOf(result: HttpResult): Probe {
  const probe = probeOf('Termii', result);
  if (!probe.healthy || result.phase !== 'answered') return probe;
  const balance = Number(jsonObject(result.body)?.balance);
  return balance > 0 ? probe : { healthy: false, why: 'Termii shows no balance for this account' };
}

/** `{ "message": "..." }`, `{ "message": [{ "issue": "..." }] }` or `{ "error": "..." }`; never longer than a sentence. */
function sentenceOf(body: JsonObject | null): string {
  const [first] = Array.isArray(body?.message) ? body.message : [body?.message];
  const issue = typeof first === 'object' && first !== null ? (first as { issue?: unknown }).issue : first;
  const sentence = [issue, body?.error].find((text) => typeof text === 'string') as string | undefined;
  return sentence?.slice(0, 300) ?? '';
}

function codeIn(sentence: string): string | undefined {
  return SENTENCES.find(([words]) => words.test(sentence))?.[1];
}
