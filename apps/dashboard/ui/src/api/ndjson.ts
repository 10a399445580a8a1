import { CarillonError, changes, tenantHeaders } from './call.ts';

/**
 * Sends lines of JSON to a route that takes any number of them.
 *
 * @throws CarillonError with the fields of the API's problem.
 */
export async function sendNdjson<Answer>(
  method: 'POST' | 'DELETE',
  path: string,
  lines: string,
): Promise<Answer> {
  let answer: Response;
  try {
    answer = await fetch(`/api${path}`, {
      method,
      headers: { ...tenantHeaders(), 'Content-Type': 'application/x-ndjson' },
      body: lines,
    });
  } catch (cause) {
    throw new CarillonError('unreachable', 'The upload broke off. Send it again: a repeat changes nothing.', {
      cause,
    });
  } finally {
    changes.changed();
  }
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as Answer;
  const { code, detail } = JSON.parse(text) as { code: string; detail: string };
  throw new CarillonError(code, detail, { status: answer.status });
}
