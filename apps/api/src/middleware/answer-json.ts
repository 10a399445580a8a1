import type { Context } from 'hono';
import type { ApiEnv } from '../deps.ts';

/**
 * A faster `c.json` for the hot paths: all headers are one plain object, which the server writes unchanged. Through
 * Hono's own Headers object every header is checked and copied three times (measured: 7 % of a request).
 */
export function answerJson(
  c: Context<ApiEnv>,
  value: unknown,
  status: number,
  more?: Readonly<Record<string, string>>,
): Response {
  const answer = c.get('answerHeaders');
  answer.complete = true;
  return new Response(JSON.stringify(value), {
    status,
    headers: { ...answer.headers, 'Content-Type': 'application/json', ...more },
  });
}
