import type { SmsMessage } from '@carillon/core/message';
import twilio from 'twilio';
import type { CodeTable } from '../code-table.ts';
import type { ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http-client.ts';
import { keepForSeconds } from '../keep-for.ts';
import { type Dialect, jsonObject, notSendable, outcomeOf } from '../outcome-of.ts';
import { probeOf } from '../probe-of.ts';
import { carry, throughSdk } from '../sdk-exchange.ts';
import { twilioLookup } from './twilio-lookup.ts';
import { twilioReports } from './twilio-reports.ts';

/**
 * Twilio Programmable Messaging, by its SDK. Class B: there is no idempotency key for messages, but a status callback
 * that carries our attempt id proves acceptance, and messages can be listed by recipient.
 */
export interface TwilioOptions extends HttpClientOptions {
  accountSid: string;
  authToken: string;
  /** The sender where the message names none: an E.164 number, a short code, a sender id ... */
  from?: string;
  /** ... or a messaging service, which picks the sender. */
  messagingServiceSid?: string;
  /** Twilio drops a message that is older than this (1 to 36,000 s), so that late copies die. */
  validitySeconds?: number;
  /** Where status callbacks go; the attempt id is added as `?attempt=`. Without it messages are asked for. */
  callbackUrl?: string;
  /** How long after a call its absence from the list is believed; two minutes unless said. */
  lookupSettlesMs?: number;
  baseUrl?: string;
}

const STOPPED = '21610';

/** https://www.twilio.com/docs/api/errors - Twilio warns that codes change, so unknown ones go by their status. */
export const TWILIO_CODES: CodeTable = {
  20429: 'throttled',
  14107: 'throttled',
  63018: 'throttled',
  30001: 'transient',
  30003: 'transient',
  30008: 'transient',
  30017: 'transient',
  20500: 'in_doubt',
  21602: 'rejected',
  21617: 'rejected',
  30004: 'rejected',
  30007: 'rejected',
  21211: 'bad_recipient',
  21217: 'bad_recipient',
  21265: 'bad_recipient',
  21604: 'bad_recipient',
  // STOP: the recipient opted out. Never retried, never failed over.
  [STOPPED]: 'bad_recipient',
  21614: 'bad_recipient',
  30005: 'bad_recipient',
  30006: 'bad_recipient',
  20003: 'misconfigured',
  20005: 'misconfigured',
  20008: 'misconfigured',
  21212: 'misconfigured',
  21408: 'misconfigured',
  21603: 'misconfigured',
  21606: 'misconfigured',
  21611: 'throttled',
  // No route between this sender and this recipient: says nothing about the next message.
  21612: 'rejected',
  21659: 'misconfigured',
  21703: 'misconfigured',
  30002: 'misconfigured',
  30034: 'misconfigured',
};

const DIALECT: Dialect = {
  name: 'Twilio',
  codes: TWILIO_CODES,
  // A message that was created and failed at once has a sid and an error code: no acceptance.
  messageId: (_, body) => (body?.error_code ? undefined : body?.sid),
  errorCode: (_, body) => body?.code,
};

/** https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
const MAX_VALIDITY_SECONDS = 36_000;

export function twilioAdapter(options: TwilioOptions): ProviderAdapter<SmsMessage> {
  const { accountSid, authToken, from, messagingServiceSid, validitySeconds, callbackUrl, ...rest } = options;
  const { baseUrl = 'https://api.twilio.com', lookupSettlesMs, ...client } = rest;
  const http = createHttpClient(baseUrl, client);
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const sdk = twilio(accountSid, authToken, {
    httpClient: onOurWire(http, authorization),
    autoRetry: false,
  });
  const messages = `/2010-04-01/Accounts/${accountSid}/Messages`;
  const get = (path: string, signal: AbortSignal) => http.get({ path, headers: { authorization }, signal });
  return {
    provider: 'twilio',
    channel: 'sms',
    guarantee: 'B',
    atOnce: HTTP_CONNECTIONS,
    serves: (message) => message.channel === 'sms',
    async send(message, call) {
      const sender = message.from ?? from;
      const result = await throughSdk(call, () =>
        sdk.messages.create({
          to: message.to,
          body: message.text,
          ...(sender === undefined ? { messagingServiceSid: messagingServiceSid ?? '' } : { from: sender }),
          ...(validitySeconds === undefined && call.expiresAt === undefined
            ? {}
            : { validityPeriod: keepForSeconds(call, validitySeconds ?? MAX_VALIDITY_SECONDS, 1) }),
          ...(callbackUrl === undefined
            ? {}
            : { statusCallback: `${callbackUrl}?attempt=${encodeURIComponent(call.attemptId)}` }),
        }),
      );
      if (result.phase === 'not_composed') {
        return notSendable('Twilio', 'invalid_message', 'its SDK could not compose this message');
      }
      const outcome = outcomeOf(DIALECT, result);
      const isStop = outcome.class === 'bad_recipient' && outcome.code === STOPPED;
      return isStop ? { ...outcome, optedOut: true } : outcome;
    },
    lookup: twilioLookup((to, pageSize, signal) => {
      const query = new URLSearchParams({ To: to, PageSize: String(pageSize) });
      return get(`${messages}.json?${query}`, signal);
    }, lookupSettlesMs),
    ...(callbackUrl === undefined
      ? {
          reports: twilioReports(
            (sid, signal) => get(`${messages}/${sid}.json`, signal),
            validitySeconds ?? MAX_VALIDITY_SECONDS,
          ),
        }
      : {}),
    async probe(signal) {
      const result = await get(`/2010-04-01/Accounts/${accountSid}.json`, signal);
      const probe = probeOf('Twilio', result);
      if (!probe.healthy || result.phase !== 'answered') return probe;
      const status = jsonObject(result.body)?.status;
      // https://www.twilio.com/docs/iam/api/account: active, suspended or closed.
      return status === 'active' ? probe : { healthy: false, why: 'Twilio says the account is not active' };
    },
    close: () => http.close(),
  };
}

/** The SDK's documented seam, typed only as its own axios client: a request in, status and body out. */
type TwilioHttp = NonNullable<NonNullable<Parameters<typeof twilio>[2]>['httpClient']>;
interface TwilioRequest {
  uri: string;
  headers?: Record<string, string>;
  data?: Record<string, unknown>;
}

function onOurWire(http: HttpClient, authorization: string): TwilioHttp {
  const seam = {
    async request({ uri, headers = {}, data = {} }: TwilioRequest) {
      const { pathname, search } = new URL(uri);
      const form = new URLSearchParams();
      for (const [name, value] of Object.entries(data)) {
        for (const each of Array.isArray(value) ? value : [value]) form.append(name, String(each));
      }
      await carry(http, {
        path: pathname + search,
        headers: { ...headers, authorization },
        body: form.toString(),
      });
      return { statusCode: 201, body: {} };
    },
  };
  return seam as unknown as TwilioHttp;
}
