import type { Environment } from '@carillon/core/notification/environment';
import type { CallApi } from '../load/ask.ts';

/** Calls the API over HTTP, by the key of each environment. */
export function callApiAt(url: string, keys: Readonly<Record<Environment, string>>): CallApi {
  return async (environment, path, body, signal) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${keys[environment]}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? null : JSON.parse(text),
      retryAfter: response.headers.get('retry-after'),
    };
  };
}
