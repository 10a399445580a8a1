import type * as Sesv2 from '@aws-sdk/client-sesv2';
import type { HttpClient } from '../http-client.ts';
import { carry } from '../sdk-exchange.ts';
import type { SesCredentials } from './ses.ts';

/**
 * The AWS SDK on our wire. It costs 60 ms and 30 MB to load, so it is loaded only where an account of SES exists, while
 * the worker starts. `requestHandler` is the SDK's own seam for transports; it gets the signed request.
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

/** What the SDK hands to a transport, as far as we use it. */
interface SignedRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array | string;
}

export function sesClient(options: SesSdkOptions): SesSdk {
  const loading = load(options);
  // Whoever awaits it hears of a failure; until then it is nobody's unhandled rejection.
  loading.catch(() => {});
  return { load: () => loading };
}

async function load({ credentials, region, endpoint, http }: SesSdkOptions): Promise<LoadedSdk> {
  const { SESv2Client, SendEmailCommand, GetAccountCommand } = await import('@aws-sdk/client-sesv2');
  const client = new SESv2Client({
    credentials,
    region,
    endpoint,
    // Its default of 3 would send again what may have been sent.
    maxAttempts: 1,
    cacheMiddleware: true,
    requestHandler: {
      handle: (request: SignedRequest, { abortSignal }: { abortSignal?: AbortSignal } = {}) =>
        handle(http, request, abortSignal),
    },
  });
  // A fifth of the SDK's time per message goes into telling AWS who calls; nothing depends on it.
  for (const name of UNNEEDED) client.middlewareStack.remove(name);
  return { client, SendEmailCommand, GetAccountCommand };
}

async function handle(http: HttpClient, request: SignedRequest, signal: AbortSignal | undefined) {
  const { method, path, headers, body = '' } = request;
  if (method === 'GET') return { response: await ask(http, path, headers, signal) };
  const bytes = typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  await carry(http, { path, headers, body: bytes });
  // Our tables read the answer of a send; this one only lets the SDK return.
  return { response: { statusCode: 200, headers: {}, body: EMPTY } };
}

/** A question that sends nothing: the SDK may read the answer itself. */
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
