import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpClient, HttpResult } from './http-client.ts';

/**
 * How an SDK is used here: it composes the request, our client carries it, our tables read the answer. The SDK's own
 * transport would hide how far a call came, retry behind our back, read answers of any size and swallow the cause.
 * The seam of each SDK calls `carry`; the call it belongs to is found through the async context.
 */
interface Exchange {
  call: WireCall;
  headers: Record<string, string>;
  carried: boolean;
  result: HttpResult | undefined;
}

/** What the wire needs to know of a call. */
export interface WireCall {
  signal: AbortSignal;
  mayWrite?: (() => boolean) | undefined;
}

const exchanges = new AsyncLocalStorage<Exchange>();

/** The SDK would not compose a request from this message: nothing was sent. */
export interface NotComposed {
  phase: 'not_composed';
  error: unknown;
}

/**
 * Runs one SDK call.
 *
 * @param throughIt calls the SDK once; what it returns or throws does not matter once the wire has a result.
 * @param headers added to what the SDK composes: what it should not know, such as a token.
 * @returns what the wire saw.
 */
export async function throughSdk(
  call: WireCall,
  throughIt: () => Promise<unknown>,
  headers: Record<string, string> = {},
): Promise<HttpResult | NotComposed> {
  const exchange: Exchange = { call, headers, carried: false, result: undefined };
  let error: unknown;
  try {
    await exchanges.run(exchange, throughIt);
  } catch (thrown) {
    error = thrown;
  }
  return exchange.result ?? { phase: 'not_composed', error };
}

/**
 * For the SDK's transport seam: sends what it composed.
 *
 * @throws if the SDK asks a second time within one call. A retry that we do not see is a duplicate that we cannot prevent.
 */
export async function carry(
  client: HttpClient,
  request: { path: string; headers: Record<string, string>; body: string | Buffer },
): Promise<void> {
  const exchange = exchanges.getStore();
  if (!exchange) throw new Error('the SDK sent something outside of a send');
  if (exchange.carried) throw new Error('the SDK tried to send a second request within one send');
  exchange.carried = true;
  exchange.result = await client.post({
    path: request.path,
    headers: { ...request.headers, ...exchange.headers },
    body: request.body,
    signal: exchange.call.signal,
    mayWrite: exchange.call.mayWrite,
  });
}
