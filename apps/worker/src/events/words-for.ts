import { NameUnresolved } from '@carillon/providers/http/name-resolver';

/** How long customers' addresses may take to accept a connection, including the name look-up. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** Why a call to a customer's address got no answer, in a few words and without its URL. */
export function wordsFor(error: unknown, timeoutMs: number): string {
  if (error instanceof NameUnresolved) return error.message;
  const { name, code: given, message } = error as { name?: string; code?: unknown; message?: string };
  // In a DOMException `code` is a number.
  const code = typeof given === 'string' ? given : undefined;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return `no connection within ${CONNECT_TIMEOUT_MS / 1000} s`;
  if (name === 'TimeoutError' || code?.includes('TIMEOUT')) return `no answer within ${timeoutMs / 1000} s`;
  return [code, message].filter(Boolean).join(': ').slice(0, 300) || String(error);
}

/** DNS did not answer whether the name exists: the endpoint was not called, and may be healthy. */
export function isUnresolved(error: unknown): boolean {
  return error instanceof NameUnresolved && error.code === 'EAI_AGAIN';
}
