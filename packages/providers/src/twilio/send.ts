import type { SmsMessage } from '@carillon/core/notification/message';
import twilio from 'twilio';
import type { ProviderAdapter } from '../contract.ts';
import {
  createHttpClient,
  HTTP_CONNECTIONS,
  type HttpClient,
  type HttpClientOptions,
} from '../http/http-client.ts';
import { carry, throughSdk } from '../http/sdk-exchange.ts';
import { type Dialect, jsonObject, notSendable, parseResponse } from '../outcome/parse-response.ts';
import { probeOf } from '../outcome/probe-of.ts';
import { remainingTtlSeconds } from '../outcome/ttl.ts';
import { TWILIO_CODES, TWILIO_STOPPED } from './codes.ts';
import { twilioLookup } from './lookup.ts';
import { twilioReports } from './reports.ts';

/**
 * Twilio Programmable Messaging, by its SDK. Class B: there is no idempotency key for messages, but a status callback
 * with the attempt id proves acceptance, and messages can be listed by recipient.
 */
export interface TwilioOptions extends HttpClientOptions {
  accountSid: string;
  authToken: string;
  /** The sender if the message names none: an E.164 number, a short code, a sender id ... */
  from?: string;
  /** ... or a messaging service, which picks the sender. */
  messagingServiceSid?: string;
  /** Twilio drops a message that is older than this (1 to 36,000 s), so that late copies die. */
  validitySeconds?: number;
  /** Where status callbacks go; the attempt id is added as `?attempt=`. Without it messages are queried. */
  callbackUrl?: string;
  /** How long after a call its absence from the list is reliable; default two minutes. */
  lookupSettlesMs?: number;
  baseUrl?: string;
}

const DIALECT: Dialect = {
  name: 'Twilio',
  codes: TWILIO_CODES,
  // A message that was created and failed at once has a sid and an error code: not an acceptance.
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
            : { validityPeriod: remainingTtlSeconds(call, validitySeconds ?? MAX_VALIDITY_SECONDS, 1) }),
          ...(callbackUrl === undefined
            ? {}
            : { statusCallback: `${callbackUrl}?attempt=${encodeURIComponent(call.attemptId)}` }),
        }),
      );
      if (result.phase === 'not_composed') {
        return notSendable('Twilio', 'invalid_message', 'its SDK could not compose this message');
      }
      const outcome = parseResponse(DIALECT, result);
      const isStop = outcome.class === 'bad_recipient' && outcome.code === String(TWILIO_STOPPED);
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

/** The SDK's documented transport hook, typed only as its own axios client: a request in, status and body out. */
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
