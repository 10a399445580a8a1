import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { type JsonObject, jsonObject } from '@carillon/providers/outcome/parse-response';
import { commandOf, isUndeliverable } from '../command.ts';
import type { Refuse } from '../decision.ts';
import type { Exchange } from '../exchange.ts';
import { plantedIds } from '../planted-ids.ts';
import type { Answer, RequestHandler } from '../request-handler.ts';
import { SIMULATED_ACCOUNT, type SimulatedProvider } from '../simulated-provider.ts';
import { SIMULATOR_APNS_KEY } from './apns-key.ts';

const MAX_PAYLOAD_BYTES = 4_096;
const MAX_COLLAPSE_BYTES = 64;
const MAX_TOKEN_AGE_SECONDS = 3_600;
const MAX_KNOWN_TOKENS = 1_000;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const PUSH_TYPES = [
  'alert',
  'background',
  'controls',
  'fileprovider',
  'liveactivity',
  'location',
  'voip',
  'widgets',
];
const PUBLIC_KEY = createPublicKey(SIMULATOR_APNS_KEY.privateKey);

/**
 * APNs: `POST /3/device/{token}`, HTTP/2 only, with provider tokens (JWT, ES256) of the simulator's key. A device
 * token's prefix commands; `bounce-...` is Unregistered, and a token of zeros belongs to no device.
 */
export function apns(handler: RequestHandler): (exchange: Exchange) => void {
  const known = new Map<string, number>();
  return (exchange) => {
    // A request that came over HTTP/1.1 has no pseudo-headers.
    if (exchange.headers[':path'] === undefined) {
      return exchange.text(505, 'APNs speaks HTTP/2 only.');
    }
    const id = exchange.header('apns-id');
    const headers = { 'apns-id': id !== undefined && UUID.test(id) ? id : randomUUID().toUpperCase() };
    const refusal = (status: number, reason: string, more: object = {}) =>
      handler.refuse(exchange, 'apns', { status, body: { reason, ...more }, headers });

    const device = /^\/3\/device\/([\w.:~-]+)$/.exec(exchange.path)?.[1];
    if (device === undefined) return refusal(404, 'BadPath');
    if (exchange.method !== 'POST') return refusal(405, 'MethodNotAllowed');
    const problem = tokenProblem(exchange, known) ?? headerProblem(exchange);
    if (problem !== null) return refusal(problem[0], problem[1]);
    const { length } = exchange.body;
    if (length === 0) return refusal(400, 'PayloadEmpty');
    if (length > MAX_PAYLOAD_BYTES) return refusal(413, 'PayloadTooLarge');

    const payload = jsonObject(exchange.body.toString('utf8'));
    const command = commandOf(device);
    const collapseId = exchange.header('apns-collapse-id');
    const planted = plantedIds(payload?.attempt_id, payload?.notification_id, collapseId);
    const same = () => `${device} ${planted.notification_id ?? exchange.body.toString('utf8')}`;
    const verdict = handler.verdict('apns', command, same);
    if (verdict.kind === 'refuse') {
      return handler.refuse(exchange, 'apns', { ...trouble(verdict), headers }, verdict);
    }
    if (/^0+$/.test(device)) return refusal(400, 'BadDeviceToken');
    if (isUndeliverable(command)) return refusal(410, 'Unregistered', { timestamp: Date.now() - 60_000 });
    const acceptance = {
      provider: 'apns',
      channel: 'push',
      to: device,
      ...planted,
      idempotency_key: null,
      subject: titleIn(payload),
    };
    handler.accept(exchange, verdict, [acceptance], () => ({ status: 200, body: undefined, headers }));
  };
}

type Problem = [status: number, reason: string];

function tokenProblem(exchange: Exchange, known: Map<string, number>): Problem | null {
  const token = /^bearer (\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1];
  if (token === undefined) return [403, 'MissingProviderToken'];
  const issuedAt = known.get(token) ?? issuedAtIn(token);
  if (issuedAt === null) return [403, 'InvalidProviderToken'];
  known.set(token, issuedAt);
  if (known.size > MAX_KNOWN_TOKENS) known.delete(known.keys().next().value!);
  const age = Date.now() / 1000 - issuedAt;
  return Math.abs(age) > MAX_TOKEN_AGE_SECONDS ? [403, 'ExpiredProviderToken'] : null;
}

/** @returns null unless the token is signed by the simulator's key for its team. */
function issuedAtIn(token: string): number | null {
  const [head = '', claims = '', signature = '', ...more] = token.split('.');
  const header = jsonObject(Buffer.from(head, 'base64url').toString('utf8'));
  const { iss, iat } = jsonObject(Buffer.from(claims, 'base64url').toString('utf8')) ?? {};
  if (header?.alg !== 'ES256' || header.kid !== SIMULATOR_APNS_KEY.keyId || more.length > 0) return null;
  if (iss !== SIMULATOR_APNS_KEY.teamId || typeof iat !== 'number') return null;
  const isRight = verify(
    'sha256',
    Buffer.from(`${head}.${claims}`),
    { key: PUBLIC_KEY, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  return isRight ? iat : null;
}

function headerProblem(exchange: Exchange): Problem | null {
  const topic = exchange.header('apns-topic');
  if (!topic) return [400, 'MissingTopic'];
  if (!/^[\w.-]+$/.test(topic)) return [400, 'BadTopic'];
  const id = exchange.header('apns-id');
  if (id !== undefined && !UUID.test(id)) return [400, 'BadMessageId'];
  if (Buffer.byteLength(exchange.header('apns-collapse-id') ?? '') > MAX_COLLAPSE_BYTES) {
    return [400, 'BadCollapseId'];
  }
  if (!/^\d+$/.test(exchange.header('apns-expiration') ?? '0')) return [400, 'BadExpirationDate'];
  if (!['1', '5', '10'].includes(exchange.header('apns-priority') ?? '10')) return [400, 'BadPriority'];
  return PUSH_TYPES.includes(exchange.header('apns-push-type') ?? '') ? null : [400, 'InvalidPushType'];
}

function titleIn(payload: JsonObject | null): string | null {
  const alert = (payload?.aps as JsonObject | null | undefined)?.alert;
  if (typeof alert === 'string') return alert;
  const title = (alert as JsonObject | null | undefined)?.title;
  return typeof title === 'string' ? title : null;
}

function trouble({ status }: Refuse): Answer {
  const reasons: Readonly<Record<number, string>> = {
    401: 'InvalidProviderToken',
    403: 'InvalidProviderToken',
    410: 'Unregistered',
    429: 'TooManyRequests',
    503: 'ServiceUnavailable',
  };
  return { status, body: { reason: reasons[status] ?? (status < 500 ? 'BadPath' : 'InternalServerError') } };
}

/** Its routes, receipts and accounts. */
export const simulatedApns: SimulatedProvider = {
  id: 'apns',
  listener: 'tls',
  routes: (handler) => [{ prefix: '/3/device/', handle: apns(handler) }],
  accounts: ({ tlsHost, tlsPort, caFile }) => [
    {
      id: 'apns',
      provider: 'apns',
      ...SIMULATED_ACCOUNT,
      credentials: SIMULATOR_APNS_KEY,
      topic: 'com.example.carillon',
      host: tlsHost,
      port: tlsPort,
      caFile,
    },
  ],
};
