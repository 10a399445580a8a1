import { CarillonError, changes, sessionLost, type Tenant, tenantHeaders } from '../api/call.ts';

export interface FileRequest {
  tenant: Tenant;
  importId: string;
  format: 'csv' | 'ndjson';
  query: URLSearchParams;
  /** The browser reads it from the disk as it is sent. */
  body: Blob;
  signal: AbortSignal;
  /** So many bytes of it have left. */
  onSent(bytes: number): void;
}

const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' } as const;

/**
 * Sends a file as it lies on the disk. By XMLHttpRequest: `fetch` does not say how much has been sent.
 *
 * @throws CarillonError with the API's problem; `unreachable` where the connection broke.
 */
export function sendFile({
  tenant,
  importId,
  format,
  query,
  body,
  signal,
  onSent,
}: FileRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/recipients/import?${query}`);
    request.onloadend = changes.changed;
    const headers = { ...tenantHeaders(tenant), 'Content-Type': TYPES[format], 'Import-Id': importId };
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onload = () => (request.status === 200 ? resolve() : reject(problemOf(request)));
    request.onerror = () => reject(new CarillonError('unreachable', 'The connection broke.'));
    request.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => request.abort());
    request.send(body);
  });
}

function problemOf(request: XMLHttpRequest): CarillonError {
  const { status } = request;
  if (status === 401) sessionLost();
  const wait = request.getResponseHeader('Retry-After');
  const retryAfterSeconds = wait === null ? null : Number(wait);
  try {
    const { code, detail, errors } = JSON.parse(request.responseText) as {
      code: string;
      detail: string;
      errors?: { path: string; message: string }[];
    };
    return new CarillonError(code, detail, { status, errors, retryAfterSeconds });
  } catch {
    return new CarillonError('unexpected_answer', `The answer was ${status}.`, { status, retryAfterSeconds });
  }
}
