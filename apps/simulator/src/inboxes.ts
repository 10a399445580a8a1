import { inboxExample } from '@carillon/inbox/example';
import type { Exchange } from './exchange.ts';

export interface InboxesOptions {
  apiUrl: string;
  /** Of the test environment. */
  apiKey: string;
}

export const INBOXES = '/inbox';

/** The inboxes of recipients, by the example of packages/inbox, which plays the app that shows them. */
export function inboxes({ apiUrl, apiKey }: InboxesOptions): (exchange: Exchange) => Promise<void> {
  const answer = inboxExample({ apiUrl, apiKey, base: INBOXES });
  return async (exchange) => {
    const { method, path, search, host, body } = exchange;
    const request = new Request(`http://${host}${path}${search}`, {
      method,
      ...(method === 'POST' ? { body: new Uint8Array(body) } : {}),
    });
    const answered = await answer(request);
    const { 'content-type': type = '', ...headers } = Object.fromEntries(answered.headers);
    exchange.send(answered.status, type, await answered.text(), headers);
  };
}
