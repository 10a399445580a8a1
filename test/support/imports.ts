import { request } from 'node:http';
import type { Answer, ApiUnderTest } from './api.ts';

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

export interface UploadOptions {
  query?: string;
  headers?: Record<string, string>;
  key?: string;
}

/** Uploads a whole file. */
export function uploadFile(
  api: ApiUnderTest,
  format: keyof typeof TYPES,
  body: string | Buffer,
  { query = '', headers = {}, key }: UploadOptions = {},
): Promise<Answer> {
  return api.request('POST', `/v1/recipients/import${query}`, body as string, {
    ...(key === undefined ? {} : { key }),
    headers: { 'content-type': TYPES[format], ...headers },
  });
}

/** An upload whose bytes the test sends. */
export interface OpenUpload {
  send(bytes: string | Buffer): void;
  end(): void;
  /** Breaks the connection. */
  cut(): void;
  /** Rejects where the connection broke. */
  answer: Promise<{ status: number; body: Record<string, unknown> }>;
}

export function openUpload(
  url: string,
  format: keyof typeof TYPES,
  key: string,
  { query = '', headers = {} }: UploadOptions = {},
): OpenUpload {
  const sending = request(`${url}/v1/recipients/import${query}`, {
    method: 'POST',
    // A connection of its own: after a refusal the server ends it.
    agent: false,
    headers: { authorization: `Bearer ${key}`, 'content-type': TYPES[format], ...headers },
  });
  const answer = new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    sending.once('error', reject);
    sending.once('response', async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve({ status: response.statusCode!, body: JSON.parse(text) });
    });
  });
  answer.catch(() => {});
  return {
    send: (bytes) => void sending.write(bytes),
    end: () => void sending.end(),
    cut: () => void sending.destroy(),
    answer,
  };
}
