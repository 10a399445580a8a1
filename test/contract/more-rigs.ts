import { apnsAdapter } from '@carillon/providers/apns/send';
import { postmarkAdapter } from '@carillon/providers/postmark/send';
import { sendgridAdapter } from '@carillon/providers/sendgrid/send';
import { sesAdapter } from '@carillon/providers/ses/send';
import { termiiAdapter } from '@carillon/providers/termii/send';
import { CA } from './answering-server.ts';
import { APNS_KEY, ATTEMPT, EMAIL, NOTIFICATION, push, SECRET, SMS, TEXT } from './credentials.ts';
import { json, type Rig } from './rigs.ts';

function sendgridError(status: number, field: string | null, message: string) {
  return json(status, { errors: [{ message, field, help: null }] });
}

const sendgrid: Rig = {
  provider: 'sendgrid',
  tls: false,
  message: EMAIL,
  adapter: (port) =>
    sendgridAdapter({
      apiKey: `SG.${SECRET}`,
      from: 'Acmé <a@acme.example>',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
  accepts: { status: 202, headers: { 'x-message-id': 'Gf_eKX3cT0yaVLPHVKi0bw' }, body: '' },
  id: 'Gf_eKX3cT0yaVLPHVKi0bw',
  throttles: sendgridError(429, null, 'too many requests'),
  refusals: [
    [sendgridError(400, 'personalizations.0.to.0.email', 'x'), 'bad_recipient', 'invalid_recipient'],
    [sendgridError(400, 'from.email', 'x'), 'misconfigured', 'invalid_from', 'sender'],
    [sendgridError(403, 'from', 'not a verified Sender Identity'), 'misconfigured', 'invalid_from'],
    [sendgridError(400, 'content.0.value', 'x'), 'rejected', 'invalid_content', 'message'],
    [sendgridError(400, 'attachments', 'x'), 'rejected', 'invalid_attachments', 'message'],
    [sendgridError(400, 'something_new', 'x'), 'rejected', 'http_400'],
    [
      sendgridError(403, null, 'You are not authorized to send from that email address'),
      'misconfigured',
      'invalid_from',
      'sender',
    ],
    [sendgridError(413, null, 'x'), 'rejected', 'http_413'],
    [sendgridError(401, null, 'The provided authorization grant is invalid'), 'misconfigured', 'http_401'],
    [sendgridError(401, null, 'Maximum credits exceeded'), 'quota', 'credits_exceeded'],
    [sendgridError(500, null, 'x'), 'in_doubt', 'http_500'],
    [sendgridError(503, null, 'x'), 'in_doubt', 'http_503'],
    [json(400, { errors: [null, 7, { field: 7 }] }), 'rejected', 'http_400'],
    // The sandbox mode sends nothing.
    [{ status: 200, headers: { 'x-message-id': 'x' } }, 'in_doubt', 'invalid_answer'],
    [{ ...sendgridError(202, null, 'x'), headers: { 'x-message-id': 'x' } }, 'in_doubt', 'invalid_answer'],
  ],
  planted: ({ path, headers, body }) => ({
    path,
    authorization: headers.authorization,
    ...JSON.parse(body.toString()),
  }),
  expectedPlanted: {
    path: '/v3/mail/send',
    authorization: `Bearer SG.${SECRET}`,
    personalizations: [{ to: [{ email: 'ada@example.com' }] }],
    from: { email: 'a@acme.example', name: 'Acmé' },
    subject: 'Your code',
    content: [
      { type: 'text/plain', value: TEXT },
      { type: 'text/html', value: `<p>${TEXT}</p>` },
    ],
    custom_args: { notification_id: NOTIFICATION, attempt_id: ATTEMPT },
  },
  extras: ({ body }) => {
    const { headers, attachments } = JSON.parse(body.toString());
    return {
      headers,
      attachments: attachments.map(({ filename, type, content }: Record<string, string>) => ({
        filename,
        contentType: type,
        content,
      })),
    };
  },
};

function postmarkError(status: number, code: number, message = 'words') {
  return json(status, { ErrorCode: code, Message: message });
}

const postmark: Rig = {
  provider: 'postmark',
  tls: false,
  message: EMAIL,
  adapter: (port) =>
    postmarkAdapter({
      serverToken: SECRET,
      from: 'Acmé <a@acme.example>',
      messageStream: 'receipts',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
  accepts: json(200, {
    To: 'ada@example.com',
    SubmittedAt: '2026-11-21T09:00:00.0000000Z',
    MessageID: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
    ErrorCode: 0,
    Message: 'OK',
  }),
  id: '0a129aee-e1cd-480d-b08d-4f48548ff48d',
  throttles: postmarkError(429, 429),
  refusals: [
    [postmarkError(401, 10), 'misconfigured', 'error_10', 'account'],
    [postmarkError(422, 300), 'rejected', 'error_300', 'message'],
    [
      postmarkError(
        422,
        300,
        "Error parsing 'To': Illegal email address 'x'. It must contain the '@' symbol.",
      ),
      'rejected',
      'invalid_to',
      'recipient',
    ],
    [postmarkError(422, 300, "Invalid 'From' address: 'x'."), 'misconfigured', 'invalid_from', 'sender'],
    [postmarkError(422, 400), 'misconfigured', 'error_400', 'sender'],
    [postmarkError(422, 401), 'misconfigured', 'error_401', 'sender'],
    [postmarkError(422, 405), 'quota', 'error_405', 'account'],
    [postmarkError(422, 406), 'bad_recipient', 'error_406', 'recipient'],
    [postmarkError(422, 411), 'rejected', 'error_411', 'message'],
    [postmarkError(422, 412), 'misconfigured', 'error_412', 'account'],
    [postmarkError(422, 1235), 'misconfigured', 'error_1235', 'account'],
    [postmarkError(503, 100), 'transient', 'error_100', 'provider'],
    [{ status: 413 }, 'rejected', 'http_413', 'message'],
    [{ status: 500 }, 'in_doubt', 'http_500', 'provider'],
    [{ status: 503 }, 'in_doubt', 'http_503', 'provider'],
    // An acceptance that says of itself that it is none.
    [json(200, { ErrorCode: 406, MessageID: 'x' }), 'in_doubt', 'invalid_answer'],
    [json(200, { ErrorCode: 0, Message: 'OK' }), 'in_doubt', 'invalid_answer'],
  ],
  planted: ({ path, headers, body }) => ({
    path,
    token: headers['x-postmark-server-token'],
    accept: headers.accept,
    ...JSON.parse(body.toString()),
  }),
  expectedPlanted: {
    path: '/email',
    token: SECRET,
    accept: 'application/json',
    From: 'Acmé <a@acme.example>',
    To: 'ada@example.com',
    Subject: 'Your code',
    HtmlBody: `<p>${TEXT}</p>`,
    TextBody: TEXT,
    MessageStream: 'receipts',
    Metadata: { notification: NOTIFICATION, attempt: ATTEMPT },
  },
  extras: ({ body }) => {
    const { Headers, Attachments } = JSON.parse(body.toString());
    return {
      headers: Object.fromEntries(Headers.map(({ Name, Value }: Record<string, string>) => [Name, Value])),
      attachments: Attachments.map(({ Name, ContentType, Content }: Record<string, string>) => ({
        filename: Name,
        contentType: ContentType,
        content: Content,
      })),
    };
  },
};

function sesError(status: number, type: string, message = 'words') {
  return {
    ...json(status, { message }),
    headers: { 'x-amzn-errortype': `${type}:http://internal.amazon.com/` },
  };
}

const ses: Rig = {
  provider: 'ses',
  tls: false,
  message: EMAIL,
  adapter: (port) =>
    sesAdapter({
      credentials: { accessKeyId: 'AKIAACME', secretAccessKey: SECRET },
      region: 'eu-west-1',
      from: 'Acme <a@acme.example>',
      configurationSetName: 'events',
      baseUrl: `http://127.0.0.1:${port}`,
    }),
  accepts: json(200, { MessageId: '0102017f-a4e4-000000' }),
  id: '0102017f-a4e4-000000',
  throttles: json(429, { __type: 'com.amazonaws.ses#TooManyRequestsException', message: 'words' }),
  refusals: [
    [sesError(400, 'MessageRejected'), 'rejected', 'MessageRejected'],
    [
      sesError(400, 'MessageRejected', 'Email address is not verified. The following identities failed ...'),
      'misconfigured',
      'identity_not_verified',
    ],
    [sesError(400, 'BadRequestException'), 'rejected', 'BadRequestException'],
    [
      sesError(400, 'BadRequestException', 'Configuration set <events> does not exist.'),
      'misconfigured',
      'configuration_set_missing',
      'account',
    ],
    [
      sesError(400, 'BadRequestException', "Missing final '@domain'"),
      'rejected',
      'invalid_address',
      'recipient',
    ],
    [
      sesError(400, 'BadRequestException', 'Email address is not verified.'),
      'misconfigured',
      'identity_not_verified',
      'sender',
    ],
    [
      sesError(400, 'MessageRejected', 'Message length is more than 41943040 bytes long: 50000000.'),
      'rejected',
      'message_too_large',
      'message',
    ],
    [
      sesError(400, 'MessageRejected', 'Sending paused for this account. See the console.'),
      'misconfigured',
      'sending_paused',
      'account',
    ],
    [
      sesError(429, 'TooManyRequestsException', 'Maximum sending rate exceeded.'),
      'throttled',
      'TooManyRequestsException',
    ],
    [
      sesError(429, 'TooManyRequestsException', 'Daily message quota exceeded.'),
      'quota',
      'daily_quota_exceeded',
    ],
    [
      sesError(400, 'LimitExceededException', 'Daily message quota exceeded.'),
      'quota',
      'daily_quota_exceeded',
    ],
    [sesError(400, 'SendingPausedException'), 'misconfigured', 'SendingPausedException'],
    [sesError(400, 'AccountSuspendedException'), 'misconfigured', 'AccountSuspendedException'],
    [
      sesError(400, 'MailFromDomainNotVerifiedException'),
      'misconfigured',
      'MailFromDomainNotVerifiedException',
    ],
    [sesError(404, 'NotFoundException'), 'misconfigured', 'NotFoundException'],
    [sesError(403, 'InvalidSignatureException'), 'misconfigured', 'InvalidSignatureException'],
    [sesError(503, 'ServiceUnavailable'), 'in_doubt', 'ServiceUnavailable'],
    [sesError(500, 'InternalFailure'), 'in_doubt', 'InternalFailure'],
    [json(400, { __type: 7, message: 7 }), 'rejected', 'http_400'],
  ],
  planted: ({ path, headers, body }) => {
    const { EmailTags, ConfigurationSetName, Content } = JSON.parse(body.toString());
    return {
      path,
      signed: /^AWS4-HMAC-SHA256 Credential=AKIAACME\/\d{8}\/eu-west-1\/ses\/aws4_request, /.test(
        headers.authorization ?? '',
      ),
      EmailTags,
      ConfigurationSetName,
      Headers: Content.Simple.Headers,
    };
  },
  expectedPlanted: {
    path: '/v2/email/outbound-emails',
    signed: true,
    EmailTags: [
      { Name: 'notification_id', Value: NOTIFICATION },
      { Name: 'attempt', Value: '2' },
    ],
    ConfigurationSetName: 'events',
    Headers: [{ Name: 'X-Carillon-Attempt', Value: ATTEMPT }],
  },
  extras: ({ body }) => {
    const [, ...headers] = JSON.parse(body.toString()).Content.Simple.Headers as Record<string, string>[];
    const attachments = JSON.parse(body.toString()).Content.Simple.Attachments as Record<string, string>[];
    return {
      headers: Object.fromEntries(headers.map(({ Name, Value }) => [Name, Value])),
      attachments: attachments.map(({ FileName, ContentType, RawContent }) => ({
        filename: FileName,
        contentType: ContentType,
        content: RawContent,
      })),
    };
  },
};

const termiiError = (status: number, message: unknown) => json(status, { code: status, message });

const termii: Rig = {
  provider: 'termii',
  tls: false,
  message: SMS,
  adapter: (port) =>
    termiiAdapter({ apiKey: `TL${SECRET}`, from: 'Acme', route: 'dnd', baseUrl: `http://127.0.0.1:${port}` }),
  accepts: json(200, {
    code: 'ok',
    balance: 1047.57,
    message_id: '3017544054459493460284950',
    message: 'Successfully Sent',
    user: 'Ada',
  }),
  id: '3017544054459493460284950',
  throttles: termiiError(429, 'Too Many Attempts.'),
  refusals: [
    [termiiError(400, 'Insufficient balance'), 'quota', 'insufficient_balance'],
    [
      termiiError(404, 'ApplicationSenderId not found for applicationId: 1 and senderName: Acme'),
      'misconfigured',
      'invalid_sender_id',
    ],
    [
      termiiError(400, 'Sender ID not allowed for this invalid phone number'),
      'misconfigured',
      'invalid_sender_id',
    ],
    [termiiError(403, 'Your account is not active'), 'misconfigured', 'account_not_active'],
    [termiiError(400, 'You are not set up on this route'), 'misconfigured', 'route_not_set_up'],
    [termiiError(400, 'DND Active on Phone Number'), 'rejected', 'dnd_active', 'recipient'],
    [termiiError(400, 'Country Inactive'), 'rejected', 'country_inactive', 'recipient'],
    [termiiError(400, [{ issue: 'Invalid phone number' }]), 'bad_recipient', 'invalid_number'],
    [termiiError(401, 'Unauthorized'), 'misconfigured', 'http_401'],
    [termiiError(422, 'Unprocessable'), 'rejected', 'http_422'],
    [termiiError(404, 'Not found'), 'rejected', 'http_404'],
    [termiiError(500, 'Server error'), 'in_doubt', 'http_500'],
    [json(400, { message: [null], error: 7 }), 'rejected', 'http_400'],
    [json(200, { code: 'error', message: 'no', message_id: '1' }), 'in_doubt', 'invalid_answer'],
    // A number this long has lost digits on its way through JSON.
    [
      { status: 200, body: '{"code":"ok","message_id":3017544054459493460284950}' },
      'in_doubt',
      'invalid_answer',
    ],
  ],
  planted: ({ path, body }) => ({ path, ...JSON.parse(body.toString()) }),
  expectedPlanted: {
    path: '/api/sms/send',
    to: '15005550100',
    from: 'Acme',
    sms: TEXT,
    type: 'plain',
    channel: 'dnd',
    api_key: `TL${SECRET}`,
  },
};

const apnsError = (status: number, reason: string) => json(status, { reason });
/** From SHA-256 of ATTEMPT. */
const APNS_ID = '81bbfc62-882c-820a-9e87-2cc68bdad744';

const apns: Rig = {
  provider: 'apns',
  tls: true,
  h2: true,
  message: push({ apns_token: 'a'.repeat(64) }),
  adapter: (port) =>
    apnsAdapter({
      key: APNS_KEY,
      topic: 'com.acme.app',
      dial: { host: '127.0.0.1', port },
      ca: CA,
    }),
  accepts: { status: 200, headers: { 'apns-id': APNS_ID }, body: '' },
  id: APNS_ID,
  throttles: apnsError(429, 'TooManyRequests'),
  refusals: [
    // Nothing was accepted yet: it may be the account that is wrong.
    [apnsError(400, 'BadDeviceToken'), 'rejected', 'BadDeviceToken'],
    [apnsError(400, 'DeviceTokenNotForTopic'), 'rejected', 'DeviceTokenNotForTopic'],
    [json(410, { reason: 'Unregistered', timestamp: 1_700_000_000_000 }), 'bad_recipient', 'Unregistered'],
    [apnsError(410, 'ExpiredToken'), 'bad_recipient', 'ExpiredToken'],
    [apnsError(400, 'BadDeviceToken'), 'bad_recipient', 'BadDeviceToken'],
    [apnsError(413, 'PayloadTooLarge'), 'rejected', 'PayloadTooLarge'],
    [apnsError(400, 'BadCollapseId'), 'rejected', 'BadCollapseId'],
    [apnsError(400, 'TopicDisallowed'), 'misconfigured', 'TopicDisallowed'],
    [apnsError(403, 'InvalidProviderToken'), 'misconfigured', 'InvalidProviderToken'],
    // The adapter's token is as young as the adapter.
    [apnsError(403, 'ExpiredProviderToken'), 'misconfigured', 'ExpiredProviderToken'],
    [apnsError(429, 'TooManyProviderTokenUpdates'), 'throttled', 'TooManyProviderTokenUpdates'],
    [apnsError(500, 'InternalServerError'), 'transient', 'InternalServerError'],
    [apnsError(503, 'Shutdown'), 'transient', 'Shutdown'],
    [{ status: 502, body: '' }, 'in_doubt', 'http_502'],
  ],
  planted: ({ path, headers, body }) => ({
    path,
    signed: /^bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(headers.authorization ?? ''),
    topic: headers['apns-topic'],
    id: headers['apns-id'],
    collapseId: headers['apns-collapse-id'],
    pushType: headers['apns-push-type'],
    priority: headers['apns-priority'],
    expires: /^\d{10}$/.test(String(headers['apns-expiration'])),
    ...JSON.parse(body.toString()),
  }),
  expectedPlanted: {
    path: `/3/device/${'a'.repeat(64)}`,
    signed: true,
    topic: 'com.acme.app',
    id: APNS_ID,
    collapseId: NOTIFICATION,
    pushType: 'alert',
    priority: '10',
    expires: true,
    aps: { alert: { title: 'Your code', body: TEXT }, sound: 'default' },
    notification_id: NOTIFICATION,
    attempt_id: ATTEMPT,
    url: 'https://app.example.com/code',
  },
};

export const MORE_RIGS: readonly Rig[] = [sendgrid, postmark, ses, termii, apns];
