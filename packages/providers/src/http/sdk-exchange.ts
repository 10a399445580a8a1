import { AsyncLocalStorage } from 'node:async_hooks';
import type { HttpClient, HttpResult } from './http-client.ts';
import type { MayWrite } from './may-write.ts';

/**
 * How an SDK is used here: it composes the request, the client of this package sends it, and the code tables interpret
 * the answer. The SDK's own transport would hide how far a call got, retry unnoticed, read answers of any size and lose
 * the cause. The transport hook of each SDK calls `carry`; the call it belongs to is found through the async context.
 */
interface Exchange {
  call: WireCall;
  headers: Record<string, string>;
  carried: boolean;
  result: HttpResult | undefined;
}

/** The parameters of a call for the transport. */
export interface WireCall {
  signal: AbortSignal;
  mayWrite?: MayWrite | undefined;
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
 * @param throughIt calls the SDK once; its result or error is ignored once the transport has a result.
 * @param headers added to the SDK's request: values that the SDK should not have, such as a token.
 * @returns the result of the transport.
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
 * For the SDK's transport hook: sends the composed request.
 *
 * @throws if the SDK sends a second time within one call. An unnoticed retry is a duplicate that cannot be prevented.
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
