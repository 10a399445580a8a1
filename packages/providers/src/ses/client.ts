import type * as Sesv2 from '@aws-sdk/client-sesv2';
import type { HttpClient } from '../http/http-client.ts';
import { carry } from '../http/sdk-exchange.ts';

export interface SesCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/**
 * The AWS SDK on the HTTP client of this package. It costs 60 ms and 30 MB to load, so it is loaded only if an SES
 * account exists, while the worker starts. `requestHandler` is the SDK's own hook for transports; it gets the signed
 * request.
 */
export interface SesSdk {
  load(): Promise<LoadedSdk>;
}

export interface LoadedSdk {
  client: Sesv2.SESv2Client;
  SendEmailCommand: typeof Sesv2.SendEmailCommand;
  GetAccountCommand: typeof Sesv2.GetAccountCommand;
}

export interface SesSdkOptions {
  credentials: SesCredentials;
  region: string;
  endpoint: string;
  http: HttpClient;
}

/** What the SDK passes to a transport, as far as used here. */
interface SignedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array | string;
}

export function sesClient(options: SesSdkOptions): SesSdk {
  const loading = load(options);
  // Callers that await it get the failure; until then it must not be an unhandled rejection.
  loading.catch(() => {});
  return { load: () => loading };
}

async function load({ credentials, region, endpoint, http }: SesSdkOptions): Promise<LoadedSdk> {
  const { SESv2Client, SendEmailCommand, GetAccountCommand } = await import('@aws-sdk/client-sesv2');
  const client = new SESv2Client({
    credentials,
    region,
    endpoint,
    // Its default of 3 would repeat a message that may have been sent.
    maxAttempts: 1,
    cacheMiddleware: true,
    requestHandler: {
      handle: (request: SignedRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
        handle(http, request, abortSignal),
    },
  });
  // A fifth of the SDK's time per message goes into the user agent for AWS; nothing depends on it.
  for (const name of UNNEEDED) client.middlewareStack.remove(name);
  return { client, SendEmailCommand, GetAccountCommand };
}

async function handle(http: HttpClient, request: SignedRequest, signal: AbortSignal | undefined) {
  const { method, path, headers, body = '' } = request;
  if (method === 'GET') return { response: await ask(http, path, headers, signal) };
  const bytes = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  await carry(http, { path, headers, body: bytes });
  // The code tables interpret the answer of a send; this one only lets the SDK return.
  return { response: { statusCode: 200, headers: {}, body: EMPTY } };
}

/** A request that sends nothing: the SDK may parse the answer itself. */
async function ask(
  http: HttpClient,
  path: string,
  headers: Record<string, string>,
  signal = AbortSignal.timeout(QUESTION_TIMEOUT_MS),
) {
  const result = await http.get({ path, headers, signal });
  if (result.phase !== 'answered') throw result.error;
  if (result.tooLarge) throw new Error('the answer is too large');
  return { statusCode: result.status, headers: result.headers, body: Buffer.from(result.body) };
}

const UNNEEDED = ['getUserAgentMiddleware', 'recursionDetectionMiddleware', 'loggerMiddleware'];
const EMPTY = Buffer.from('{}');
const QUESTION_TIMEOUT_MS = 10_000;
