import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { commandOf, isUndeliverable } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import { SIMULATED_ACCOUNT, type SimulatedProvider } from '../simulated-provider.ts';

const MAX_PAYLOAD_BYTES = 4_096;
const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';
const BAD_REQUEST = 'type.googleapis.com/google.rpc.BadRequest';

/** FCM HTTP v1: `POST /v1/projects/{project}/messages:send`. A token's prefix commands; `bounce-...` is UNREGISTERED. */
export function fcm(handler: RequestHandler): (exchange: Exchange) => void {
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'fcm', answer);
    const project = /^\/v1\/projects\/([^/]+)\/messages:send$/.exec(exchange.path)?.[1];
    if (project === undefined || exchange.method !== 'POST') {
      return exchange.json(404, error(404, 'NOT_FOUND', 'Requested entity was not found.').body);
    }
    if (!/^Bearer \S+$/.test(exchange.header('authorization') ?? '')) {
      const message =
        'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.';
      return refusal(error(401, 'UNAUTHENTICATED', message));
    }
    const request = readRequest(exchange.body);
    if ('status' in request) return refusal(request);

    const { token, title, data, isDryRun } = request;
    const command = commandOf(token);
    const planted = plantedIds(data.attempt_id, data.notification_id, ...Object.values(data));
    const verdict = handler.verdict('fcm', command, () => `${token} ${planted.notification_id ?? title}`);
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'fcm', trouble(verdict), verdict);
    if (isUndeliverable(command)) {
      const details = [{ '@type': FCM_ERROR, errorCode: 'UNREGISTERED' }];
      return refusal(error(404, 'NOT_FOUND', 'Requested entity was not found.', details));
    }

    const name = `projects/${project}/messages/0:${Date.now()}${randomBytes(3).readUIntBE(0, 3)}%${randomBytes(8).toString('hex')}`;
    if (isDryRun) return exchange.json(200, { name: `projects/${project}/messages/fake_message_id` });
    const acceptance = {
      provider: 'fcm',
      channel: 'push',
      to: token,
      ...planted,
      idempotency_key: null,
      subject: title,
    };
    handler.accept(exchange, verdict, [acceptance], () => ({ status: 200, body: { name } }));
  };
}

/** Google's token endpoint, `POST /token`: a service account's signed assertion for an access token. */
export function googleToken(exchange: Exchange) {
  const form = new URLSearchParams(exchange.body.toString('utf8'));
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer') {
    return exchange.json(400, {
      error: 'unsupported_grant_type',
      error_description: `Invalid grant_type: ${form.get('grant_type') ?? ''}`,
    });
  }
  const claims = readClaims(form.get('assertion') ?? '');
  const isWhole = claims !== null && typeof claims.iss === 'string' && Number(claims.exp) * 1000 > Date.now();
  if (!isWhole)
    return exchange.json(400, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' });
  exchange.json(200, {
    access_token: `ya29.${randomBytes(48).toString('base64url')}`,
    expires_in: 3_599,
    token_type: 'Bearer',
  });
}

interface SendRequest {
  token: string;
  title: string | null;
  data: Record<string, unknown>;
  isDryRun: boolean;
}

function readRequest(body: Buffer): SendRequest | Answer {
  let request: Record<string, unknown>;
  try {
    request = JSON.parse(body.toString('utf8'));
  } catch {
    return error(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received.');
  }
  const message = request.message as Record<string, unknown> | undefined;
  if (typeof message !== 'object' || message === null) {
    return badField('message', 'Message is required.');
  }
  const token = message.token;
  if (typeof token !== 'string' || token === '') {
    return badField('message', 'Recipient of the message is not set.');
  }
  const data = (message.data ?? {}) as Record<string, unknown>;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'string')
      return badField(`message.data[${key}]`, `Invalid value (TYPE_STRING) at 'message.data'`);
  }
  const notification = message.notification as { title?: unknown; body?: unknown } | undefined;
  const payload = JSON.stringify([notification ?? {}, data]);
  if (Buffer.byteLength(payload) > MAX_PAYLOAD_BYTES) {
    return badField('message', 'Message payload is too big. The maximum is 4096 bytes.');
  }
  const title = typeof notification?.title === 'string' ? notification.title : null;
  return { token, title, data, isDryRun: request.validate_only === true };
}

function readClaims(assertion: string): Record<string, unknown> | null {
  try {
    return JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return null;
  }
}

function trouble({ status }: Refuse): Answer {
  const fcmError = (errorCode: string) => [{ '@type': FCM_ERROR, errorCode }];
  if (status === 429) {
    return error(
      429,
      'RESOURCE_EXHAUSTED',
      'Sending limit exceeded for the message target.',
      fcmError('QUOTA_EXCEEDED'),
    );
  }
  if (status === 503)
    return error(503, 'UNAVAILABLE', 'The service is currently unavailable.', fcmError('UNAVAILABLE'));
  if (status >= 500) return error(status, 'INTERNAL', 'Internal error encountered.', fcmError('INTERNAL'));
  if (status === 401) {
    return error(
      401,
      'UNAUTHENTICATED',
      'Auth error from APNS or Web Push Service',
      fcmError('THIRD_PARTY_AUTH_ERROR'),
    );
  }
  if (status === 403)
    return error(403, 'PERMISSION_DENIED', 'SenderId mismatch', fcmError('SENDER_ID_MISMATCH'));
  return error(
    status,
    'INVALID_ARGUMENT',
    'Request contains an invalid argument.',
    fcmError('INVALID_ARGUMENT'),
  );
}

function badField(field: string, description: string): Answer {
  const details = [{ '@type': BAD_REQUEST, fieldViolations: [{ field, description }] }];
  return error(400, 'INVALID_ARGUMENT', description, details);
}

function error(code: number, status: string, message: string, details?: unknown[]): Answer {
  const error = details === undefined ? { code, message, status } : { code, message, status, details };
  return { status: code, body: { error } };
}

function serviceAccount(host: string, port: number) {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    project_id: 'carillon-simulator',
    client_email: 'carillon@carillon-simulator.iam.gserviceaccount.com',
    private_key: privateKey,
    token_uri: `https://${host}:${port}/token`,
  };
}

/** Its routes, receipts and accounts. */
export const simulatedFcm: SimulatedProvider = {
  id: 'fcm',
  listener: 'tls',
  routes: (handler) => [
    { prefix: '/v1/projects/', handle: fcm(handler) },
    { prefix: '/token', handle: googleToken },
  ],
  accounts: ({ tlsHost, tlsPort, caFile }) => [
    {
      id: 'fcm',
      provider: 'fcm',
      ...SIMULATED_ACCOUNT,
      credentials: serviceAccount(tlsHost, tlsPort),
      host: tlsHost,
      port: tlsPort,
      caFile,
    },
  ],
};
