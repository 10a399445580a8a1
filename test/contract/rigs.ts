import type { Message } from '@carillon/core/notification/message';
import type { NotAccepted } from '@carillon/core/provider/outcome';
import type { ProviderAdapter } from '@carillon/providers/contract';
import { fcmAdapter } from '@carillon/providers/fcm/send';
import { genericAdapter } from '@carillon/providers/generic/send';
import { resendAdapter } from '@carillon/providers/resend/send';
import { twilioAdapter } from '@carillon/providers/twilio/send';
import { webPushAdapter } from '@carillon/providers/web-push/send';
import { type Answer, type AnsweringServer, answeringServer, CA, type Received } from './answering-server.ts';
import {
  ATTEMPT,
  EMAIL,
  NOTIFICATION,
  push,
  RSA_KEY,
  SECRET,
  SMS,
  subscription,
  VAPID,
} from './credentials.ts';

/**
 * What the contract suite needs of an HTTP provider: how to point its adapter at a port, a good answer, the meaning of
 * its rejections and the fields of the request that must contain the ids.
 */
export interface Rig {
  provider: string;
  tls: boolean;
  /** HTTP/2 alone. */
  h2?: boolean;
  message: Message;
  /** Connects to this port of 127.0.0.1. */
  adapter(port: number): ProviderAdapter;
  accepts: { status: number; headers?: Record<string, string>; body?: string };
  id: string;
  /** Its answer to too many requests, without Retry-After. */
  throttles: { status: number; body: string };
  /** Class and code, and what the answer speaks of where it is not what the class usually does. */
  refusals: [Answer, NotAccepted['class'], string, NotAccepted['about']?][];
  /** The path and every field that contains an id. */
  planted(request: Received): Record<string, unknown>;
  expectedPlanted: Record<string, unknown>;
  /** E-mail: the fields of headers and attachments, named as in MAIL_EXTRAS. */
  extras?(request: Received): { headers: unknown; attachments: unknown };
}

export const json = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });

function resendError(status: number, name: string, message = 'words') {
  return json(status, { statusCode: status, name, message });
}

const resend: Rig = {
  provider: 'resend',
  tls: false,
  message: EMAIL,
  adapter: (port) =>
    resendAdapter({
      apiKey: `re_${SECRET}`,
      from: 'Acme <a@acme.example>',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
  accepts: json(200, { id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794' }),
  id: '49a3999c-0ce1-4ea6-ab68-afcd6dc2e794',
  throttles: resendError(429, 'rate_limit_exceeded'),
  refusals: [
    [resendError(422, 'validation_error'), 'rejected', 'validation_error'],
    [resendError(403, 'validation_error'), 'misconfigured', 'unverified_domain', 'sender'],
    [
      resendError(422, 'validation_error', 'Invalid `to` field. The email address needs to follow ...'),
      'rejected',
      'invalid_to',
      'recipient',
    ],
    [
      resendError(422, 'validation_error', 'Invalid `from` field. The email address needs to follow ...'),
      'misconfigured',
      'invalid_from_address',
      'sender',
    ],
    [
      resendError(403, 'validation_error', 'You can only send testing emails to your own email address.'),
      'misconfigured',
      'testing_only',
      'account',
    ],
    [resendError(422, 'invalid_access'), 'misconfigured', 'invalid_access', 'account'],
    [resendError(451, 'security_error'), 'misconfigured', 'security_error', 'account'],
    [resendError(403, 'invalid_api_key'), 'misconfigured', 'invalid_api_key'],
    [resendError(429, 'daily_quota_exceeded'), 'quota', 'daily_quota_exceeded'],
    [
      resendError(409, 'concurrent_idempotent_requests'),
      'transient',
      'concurrent_idempotent_requests',
      'message',
    ],
    [resendError(409, 'invalid_idempotent_request'), 'rejected', 'invalid_idempotent_request'],
    [resendError(500, 'application_error'), 'in_doubt', 'application_error'],
  ],
  planted: ({ path, headers, body }) => ({
    path,
    key: headers['idempotency-key'],
    tags: JSON.parse(body.toString()).tags,
  }),
  expectedPlanted: {
    path: '/emails',
    key: ATTEMPT,
    tags: [
      { name: 'notification_id', value: NOTIFICATION },
      { name: 'attempt', value: '2' },
    ],
  },
  extras: ({ body }) => {
    const { headers, attachments } = JSON.parse(body.toString());
    return {
      headers,
      attachments: attachments.map(
        ({ filename, content_type: contentType, content }: Record<string, string>) => ({
          filename,
          contentType,
          content,
        }),
      ),
    };
  },
};

function twilioError(status: number, code: number) {
  return json(status, { code, message: 'words', more_info: 'https://www.twilio.com/docs/errors', status });
}

const twilio: Rig = {
  provider: 'twilio',
  tls: false,
  message: SMS,
  adapter: (port) =>
    twilioAdapter({
      accountSid: 'AC123',
      authToken: SECRET,
      from: '+15005550006',
      callbackUrl: 'https://api.example.com/v1/receipts/twilio/eu',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
  accepts: json(201, { sid: 'SM0123456789abcdef', status: 'queued', error_code: null, error_message: null }),
  id: 'SM0123456789abcdef',
  throttles: twilioError(429, 20429),
  refusals: [
    [twilioError(400, 21211), 'bad_recipient', '21211'],
    [twilioError(400, 21610), 'bad_recipient', '21610'],
    [twilioError(400, 21617), 'rejected', '21617'],
    [twilioError(401, 20003), 'misconfigured', '20003', 'account'],
    [twilioError(400, 21612), 'rejected', '21612', 'recipient'],
    [twilioError(400, 21660), 'misconfigured', '21660', 'sender'],
    [twilioError(404, 20404), 'misconfigured', '20404', 'account'],
    [twilioError(400, 21608), 'misconfigured', '21608', 'recipient'],
    [twilioError(400, 63038), 'quota', '63038', 'account'],
    [twilioError(400, 99999), 'rejected', '99999'],
    [twilioError(500, 20500), 'in_doubt', '20500'],
    [json(201, { sid: 'SM1', error_code: 30007 }), 'in_doubt', 'invalid_answer'],
  ],
  planted: ({ path, body }) => ({
    path,
    callback: new URLSearchParams(body.toString()).get('StatusCallback'),
  }),
  expectedPlanted: {
    path: '/2010-04-01/Accounts/AC123/Messages.json',
    callback: `https://api.example.com/v1/receipts/twilio/eu?attempt=${encodeURIComponent(ATTEMPT)}`,
  },
};

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

function fcmError(code: number, status: string, ...details: object[]) {
  return json(code, { error: { code, status, message: 'words', details } });
}
const errorCode = (code: string) => ({ '@type': FCM_ERROR, errorCode: code });
const badField = (field: string) => ({ '@type': BAD_REQUEST, fieldViolations: [{ field }] });

/** Google's token endpoint, apart from FCM, so that FCM can be dead or silent while it works. */
let tokenServer: AnsweringServer | undefined;

export async function startTokenServer(): Promise<AnsweringServer> {
  tokenServer = await answeringServer();
  tokenServer.answers(json(200, { access_token: `ya29.${SECRET}`, expires_in: 3600, token_type: 'Bearer' }));
  return tokenServer;
}

export function serviceAccount(tokenUrl: string) {
  return {
    project_id: 'acme',
    client_email: 'push@acme.iam.gserviceaccount.com',
    private_key: RSA_KEY,
    token_uri: `${tokenUrl}/token`,
  };
}

const fcm: Rig = {
  provider: 'fcm',
  tls: true,
  message: push({ fcm_token: 'device-token' }),
  adapter: (port) =>
    fcmAdapter({
      serviceAccount: serviceAccount(tokenServer!.url),
      dial: { host: '127.0.0.1', port },
      ca: CA,
    }),
  accepts: json(200, { name: 'projects/acme/messages/0:1500415314455276%31bd1c9631bd1c96' }),
  id: 'projects/acme/messages/0:1500415314455276%31bd1c9631bd1c96',
  throttles: fcmError(429, 'RESOURCE_EXHAUSTED', errorCode('QUOTA_EXCEEDED')),
  refusals: [
    [fcmError(404, 'NOT_FOUND', errorCode('UNREGISTERED')), 'bad_recipient', 'UNREGISTERED'],
    [fcmError(400, 'INVALID_ARGUMENT', errorCode('INVALID_ARGUMENT')), 'bad_recipient', 'INVALID_TOKEN'],
    [fcmError(400, 'INVALID_ARGUMENT', badField('message.token')), 'bad_recipient', 'INVALID_TOKEN'],
    [fcmError(400, 'INVALID_ARGUMENT', badField('message.data')), 'rejected', 'INVALID_ARGUMENT'],
    [
      fcmError(403, 'PERMISSION_DENIED', errorCode('SENDER_ID_MISMATCH')),
      'bad_recipient',
      'SENDER_ID_MISMATCH',
    ],
    [fcmError(401, 'UNAUTHENTICATED'), 'misconfigured', 'UNAUTHENTICATED'],
    [fcmError(503, 'UNAVAILABLE', errorCode('UNAVAILABLE')), 'transient', 'UNAVAILABLE'],
    [fcmError(500, 'INTERNAL', errorCode('INTERNAL')), 'in_doubt', 'INTERNAL'],
    [json(400, { error: null }), 'rejected', 'http_400'],
    [json(400, { error: { details: [null, 7] } }), 'rejected', 'http_400'],
  ],
  planted: ({ path, headers, body }) => {
    const { message } = JSON.parse(body.toString());
    return {
      path,
      authorization: headers.authorization,
      data: message.data,
      collapseKey: message.android.collapse_key,
      tags: [message.android.notification.tag, message.webpush.notification.tag],
      apns: message.apns.headers,
      sounds: [message.apns.payload?.aps?.sound, message.android.notification.default_sound],
      priority: message.android.priority,
      urgency: message.webpush.headers.Urgency,
    };
  },
  expectedPlanted: {
    path: '/v1/projects/acme/messages:send',
    authorization: `Bearer ya29.${SECRET}`,
    data: { notification_id: NOTIFICATION, attempt_id: ATTEMPT, url: 'https://app.example.com/code' },
    collapseKey: NOTIFICATION,
    tags: [NOTIFICATION, NOTIFICATION],
    apns: { 'apns-collapse-id': NOTIFICATION, 'apns-priority': '10' },
    sounds: ['default', true],
    priority: 'high',
    urgency: 'normal',
  },
};

const webPush: Rig = {
  provider: 'web-push',
  tls: true,
  message: push({ subscription: subscription('https://updates.push.services.mozilla.com/wpush/v2/abc') }),
  adapter: (port) => webPushAdapter({ vapid: VAPID, dial: { host: '127.0.0.1', port }, ca: CA }),
  accepts: { status: 201, headers: { location: 'https://updates.push.services.mozilla.com/m/xyz' } },
  id: 'https://updates.push.services.mozilla.com/m/xyz',
  throttles: { status: 429, body: '' },
  refusals: [
    [{ status: 410 }, 'bad_recipient', 'http_410'],
    [{ status: 404 }, 'bad_recipient', 'http_404'],
    [{ status: 413 }, 'rejected', 'http_413'],
    [{ status: 403 }, 'bad_recipient', 'http_403'],
    [json(403, { reason: 'BadJwtToken' }), 'misconfigured', 'BadJwtToken'],
    [json(400, { reason: 'VapidPkHashMismatch' }), 'bad_recipient', 'VapidPkHashMismatch'],
    [{ status: 401 }, 'misconfigured', 'http_401'],
    [{ status: 406 }, 'throttled', 'http_406'],
    [{ status: 502 }, 'in_doubt', 'http_502'],
  ],
  planted: ({ path, headers, body }) => ({
    path,
    host: headers.host,
    topic: headers.topic,
    urgency: headers.urgency,
    encoding: headers['content-encoding'],
    vapid: /^vapid t=[\w.-]+, k=[\w-]+$/.test(headers.authorization ?? ''),
    length: headers['content-length'] === String(body.length),
  }),
  expectedPlanted: {
    path: '/wpush/v2/abc',
    host: 'updates.push.services.mozilla.com',
    topic: NOTIFICATION.replaceAll('-', ''),
    urgency: 'normal',
    encoding: 'aes128gcm',
    vapid: true,
    length: true,
  },
};

const generic: Rig = {
  provider: 'generic',
  tls: false,
  message: SMS,
  adapter: (port) =>
    genericAdapter({ channel: 'sms', url: `http://127.0.0.1:${port}/send?to=sms`, secret: SECRET }),
  accepts: json(202, { id: 'msg-1' }),
  id: 'msg-1',
  throttles: json(429, { error: { code: 'rate_limited' } }),
  refusals: [
    [json(422, { error: { code: 'bad_recipient' } }), 'bad_recipient', 'bad_recipient'],
    [
      json(409, { error: { code: 'idempotency_in_progress' } }),
      'transient',
      'idempotency_in_progress',
      'message',
    ],
    [json(422, { error: { code: 'rejected' } }), 'rejected', 'rejected', 'message'],
    [json(400, { error: { code: 'misconfigured' } }), 'misconfigured', 'misconfigured', 'account'],
    [json(503, { error: { code: 'recipient_busy' } }), 'transient', 'recipient_busy', 'recipient'],
    [json(401, { error: { code: 'unauthenticated' } }), 'misconfigured', 'unauthenticated'],
    [{ status: 410 }, 'bad_recipient', 'http_410'],
  ],
  planted: ({ path, headers, body }) => {
    const { notification_id, attempt_id, to } = JSON.parse(body.toString());
    return { path, key: headers['idempotency-key'], notification_id, attempt_id, to };
  },
  expectedPlanted: {
    path: '/send?to=sms',
    key: ATTEMPT,
    notification_id: NOTIFICATION,
    attempt_id: ATTEMPT,
    to: '+15005550100',
  },
};

export const HTTP_RIGS: readonly Rig[] = [resend, twilio, fcm, webPush, generic];
