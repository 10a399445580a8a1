import { createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import vapid from 'web-push';
import { commandOf, isUndeliverable } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { idFromTopic } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import { SIMULATED_ACCOUNT, type SimulatedProvider } from '../simulated-provider.ts';

const MAX_BODY_BYTES = 4_096;
/** RFC 8188: salt, record size, key id length; RFC 8291: the key id is an uncompressed P-256 point. */
const HEADER_BYTES = 16 + 4 + 1 + 65;
const TAG_BYTES = 17;
const MAX_TOKEN_AGE_SECONDS = 24 * 3_600;
const MAX_KNOWN_TOKENS = 1_000;

/**
 * A push service (RFC 8030, 8188, 8291, 8292): `POST /push/{id}`, with the error messages of Mozilla's autopush. Like a
 * real one it checks the VAPID signature and cannot read the message. `bounce-...` is an expired subscription.
 */
export function webPush(handler: RequestHandler): (exchange: Exchange) => void {
  const knownTokens = new Set<string>();
  return (exchange) => {
    const refusal = (answer: Answer) => handler.refuse(exchange, 'web-push', answer);
    const id = /^\/push\/([\w.:~-]+)$/.exec(exchange.path)?.[1];
    if (id === undefined)
      return refusal(error(404, 102, 'Not Found', 'Request did not validate: invalid token'));
    if (exchange.method !== 'POST')
      return exchange.json(405, error(405, 0, 'Method Not Allowed', 'Use POST.').body);
    if (!isSigned(exchange, knownTokens)) {
      return refusal(
        error(401, 109, 'Unauthorized', 'Request did not validate: invalid VAPID authorization'),
      );
    }
    if (!/^\d+$/.test(exchange.header('ttl') ?? '')) {
      return refusal(error(400, 111, 'Bad Request', 'Missing TTL Header, see: RFC 8030, section 5.2'));
    }
    const topic = exchange.header('topic');
    if (topic !== undefined && !/^[\w-]{1,32}$/.test(topic)) {
      return refusal(error(400, 113, 'Bad Request', 'Topic must be at most 32 characters of base64url'));
    }
    const { length } = exchange.body;
    if (length > MAX_BODY_BYTES) {
      return refusal(
        error(413, 104, 'Payload Too Large', `The payload may have ${MAX_BODY_BYTES} bytes, got ${length}`),
      );
    }
    const isEncrypted =
      exchange.header('content-encoding') === 'aes128gcm' &&
      length >= HEADER_BYTES + TAG_BYTES &&
      exchange.body[20] === 65;
    if (length > 0 && !isEncrypted) {
      return refusal(
        error(400, 110, 'Bad Request', 'The body must be encrypted with aes128gcm (RFC 8188, RFC 8291)'),
      );
    }

    const command = commandOf(id);
    const notificationId = idFromTopic(topic);
    const verdict = handler.verdict('web-push', command, () => `${id} ${notificationId ?? topic ?? ''}`);
    if (verdict.kind === 'refuse') return handler.refuse(exchange, 'web-push', trouble(verdict), verdict);
    if (isUndeliverable(command)) {
      return refusal(error(410, 106, 'Gone', 'Request did not validate: the subscription has expired'));
    }
    const acceptance = {
      provider: 'web-push',
      channel: 'push',
      to: `https://${exchange.host}${exchange.path}`,
      notification_id: notificationId,
      attempt_id: null,
      idempotency_key: null,
      // The push service sees only ciphertext.
      subject: null,
    };
    const location = `https://${exchange.host}/m/${randomBytes(18).toString('base64url')}`;
    const answer = (): Answer => ({
      status: 201,
      body: undefined,
      headers: { location, ttl: exchange.header('ttl')! },
    });
    handler.accept(exchange, verdict, [acceptance], answer);
  };
}

/** RFC 8292: `vapid t=<jwt>, k=<public key>`, signed with ES256 for this origin and at most a day. */
function isSigned(exchange: Exchange, known: Set<string>): boolean {
  const authorization = exchange.header('authorization') ?? '';
  const match = /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), ?k=([\w-]+)=*$/i.exec(authorization);
  if (match === null) return false;
  const [, head, payload, signature, key] = match as unknown as [string, string, string, string, string];
  let claims: { aud?: unknown; exp?: unknown };
  try {
    claims = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return false;
  }
  const secondsLeft = Number(claims.exp) - Date.now() / 1000;
  if (
    claims.aud !== `https://${exchange.host}` ||
    !(secondsLeft > 0 && secondsLeft <= MAX_TOKEN_AGE_SECONDS)
  ) {
    return false;
  }
  // A sender may reuse a token for a day; checking a signature costs more than all the rest.
  if (known.has(authorization)) return true;
  const publicKey = publicKeyOf(key);
  if (publicKey === null) return false;
  const signed = Buffer.from(`${head}.${payload}`);
  const isRight = verify(
    'sha256',
    signed,
    { key: publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (isRight) {
    known.add(authorization);
    if (known.size > MAX_KNOWN_TOKENS) known.delete(known.keys().next().value!);
  }
  return isRight;
}

function publicKeyOf(point: string): KeyObject | null {
  const bytes = Buffer.from(point, 'base64url');
  if (bytes.length !== 65 || bytes[0] !== 4) return null;
  const x = bytes.subarray(1, 33).toString('base64url');
  const y = bytes.subarray(33).toString('base64url');
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' });
  } catch {
    return null;
  }
}

function trouble({ status }: Refuse): Answer {
  if (status === 429) return error(429, 202, 'Too Many Requests', 'Too many messages for this subscription');
  if (status === 503) return error(503, 201, 'Service Unavailable', 'Please try again later');
  if (status >= 500) return error(status, 999, 'Internal Server Error', 'An unknown error occurred');
  return error(status, 110, 'Bad Request', 'The request is refused');
}

function error(code: number, errno: number, error: string, message: string): Answer {
  return { status: code, body: { code, errno, error, message } };
}

/** Its routes, receipts and accounts. */
export const simulatedWebPush: SimulatedProvider = {
  id: 'web-push',
  listener: 'tls',
  routes: (handler) => [{ prefix: '/push/', handle: webPush(handler) }],
  accounts: ({ tlsHost, tlsPort, caFile }) => [
    {
      id: 'web-push',
      provider: 'web-push',
      ...SIMULATED_ACCOUNT,
      credentials: { subject: 'mailto:carillon@example.com', ...vapid.generateVAPIDKeys() },
      extraHosts: ['localhost', '127.0.0.1'],
      host: tlsHost,
      port: tlsPort,
      caFile,
    },
  ],
};
