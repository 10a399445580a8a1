import type { SmsMessage } from '@carillon/core/notification/message';
import type { Probe, ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClientOptions,
  type HttpResult,
} from '../http/http-client.ts';
import { type Dialect, jsonObject, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { TERMII_CODES, termiiCode } from './codes.ts';
import { termiiReports } from './reports.ts';
import type { TermiiRoute } from './route.ts';

/**
 * Termii. Class B, weakly: no idempotency key and no field for an own id; the account's report can be searched
 * for the same text to the same number at the time of the call. https://developers.termii.com/messaging-api
 */
export interface TermiiOptions extends HttpClientOptions {
  apiKey: string;
  /** The sender if the message names none: a registered sender id of 3 to 11 letters and digits. */
  from: string;
  /** Default `generic`. */
  route?: TermiiRoute;
  /** How long after a call its absence from the report is reliable; default two minutes. */
  lookupSettlesMs?: number;
  /** The account's base URL, as shown in Termii's dashboard. */
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'Termii',
  codes: TERMII_CODES,
  // `message_id_str` is the same id; older accounts also get it as a JSON number, which loses digits.
  messageId: (_, body) =>
    body?.code === undefined || body.code === 'ok' ? (body?.message_id_str ?? body?.message_id) : undefined,
  errorCode: (_, body) => termiiCode(body),
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
      return parseResponse(
        DIALECT,
        await http.post({ path: '/api/sms/send', headers, body, signal, mayWrite }),
      );
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

/** An account without balance accepts nothing. */
function balanceOf(result: HttpResult): Probe {
  const probe = probeOf('Termii', result);
  if (!probe.healthy || result.phase !== 'answered') return probe;
  const balance = Number(jsonObject(result.body)?.balance);
  return balance > 0 ? probe : { healthy: false, why: 'Termii shows no balance for this account' };
}
