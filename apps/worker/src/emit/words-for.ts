/** Why a call to an address of a customer got no answer, in few words and without its URL. */
export function wordsFor(error: unknown, timeoutMs: number): string {
  const { name, code: given, message } = error as { name?: string; code?: unknown; message?: string };
  // A DOMException has a number there.
  const code = typeof given === 'string' ? given : undefined;
  if (name === 'TimeoutError' || code?.includes('TIMEOUT')) return `no answer within ${timeoutMs / 1000} s`;
  return [code, message].filter(Boolean).join(': ').slice(0, 300) || String(error);
}
