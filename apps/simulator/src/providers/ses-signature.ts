import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../exchange.ts';

/** The only key that the simulated SES accepts; it is not used anywhere else. */
export const SIMULATOR_AWS_KEY = {
  accessKeyId: 'AKIASIMULATOR0000000',
  secretAccessKey: 'simulator-secret-access-key',
};

const MAX_SKEW_MS = 5 * 60_000;

/**
 * Checks AWS Signature Version 4 as AWS does: the signature over method, path, query, the signed headers and the body.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 *
 * @returns the type of AWS' error, or null if the request is signed by the simulator's key.
 */
export function signatureProblem(exchange: Exchange, nowMs: number): string | null {
  const authorization = exchange.header('authorization') ?? '';
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/(\d{8})\/([\w-]+)\/([\w-]+)\/aws4_request, ?SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (!match) return 'MissingAuthenticationTokenException';
  const [, keyId, day, region, service, names, signature] = match as unknown as string[];
  if (keyId !== SIMULATOR_AWS_KEY.accessKeyId || service !== 'ses') return 'UnrecognizedClientException';
  const signed = names!.split(';');
  const at = exchange.header('x-amz-date') ?? '';
  if (!signed.includes('host') || !signed.includes('x-amz-date') || !at.startsWith(day!)) {
    return 'IncompleteSignature';
  }
  if (!(Math.abs(timeOf(at) - nowMs) <= MAX_SKEW_MS)) return 'RequestExpired';
  const canonical = [
    exchange.method,
    exchange.path,
    [...exchange.query]
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...signed.map((name) => `${name}:${(exchange.header(name) ?? '').trim().replace(/ +/g, ' ')}`),
    '',
    names,
    hash('sha256', exchange.body),
  ].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, hash('sha256', canonical)].join('\n');
  const key = [day!, region!, service!, 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${SIMULATOR_AWS_KEY.secretAccessKey}`,
  );
  const expected = hmac(key, toSign);
  return timingSafeEqual(expected, Buffer.from(signature!, 'hex')) ? null : 'InvalidSignatureException';
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** `20260131T120000Z` */
function timeOf(at: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(at);
  if (!match) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** RFC 3986 encoding, as AWS requires. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
