import { setTimeout as pause } from 'node:timers/promises';
import type { Environment } from '@carillon/core/notification/environment';
import type { Entry, LoadOptions } from './load.ts';
import type { PlannedRequest } from './plan.ts';

export interface ApiAnswer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of several shapes, each looked into where it is expected
  body: any;
  /** The header; null without one. */
  retryAfter?: string | null;
}

/** One call to the API by the key of an environment. Rejects when no answer came. */
export type CallApi = (
  environment: Environment,
  path: string,
  body: unknown,
  signal: AbortSignal,
) => Promise<ApiAnswer>;

const ANSWER_WITHIN_MS = 8_000;

/** Asks until every item of the request has its answer: 202, or a refusal that repeating will not change. */
export async function askUntilAnswered(
  request: PlannedRequest,
  entries: readonly Entry[],
  options: LoadOptions,
): Promise<void> {
  const giveUpAt = performance.now() + options.giveUpAfterMs;
  let open = [...entries];
  let { hangUpAfterMs } = request;
  while (open.length > 0 && performance.now() < giveUpAt) {
    const answers = await ask(request, open, options, hangUpAfterMs ?? ANSWER_WITHIN_MS);
    hangUpAfterMs = null;
    open = open.filter((entry, k) => !isSettled(entry, answers?.[k]));
    if (open.length > 0) await pause(options.random.whole(100, 600));
  }
  if (request.isRepeated && open.length === 0) {
    const answers = await ask(request, entries, options, ANSWER_WITHIN_MS);
    for (const [k, entry] of entries.entries()) noteOtherId(entry, answers?.[k]);
  }
  await Promise.all(entries.map((entry) => cancel(entry, request.environment, options)));
}

/** One request. @returns an answer per entry, or null when none came. */
async function ask(
  { environment, isBatch }: PlannedRequest,
  entries: readonly Entry[],
  { call }: LoadOptions,
  timeoutMs: number,
): Promise<ApiAnswer[] | null> {
  const bodies = entries.map(({ body }) => body);
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    if (!isBatch) return [await call(environment, '/v1/notifications', bodies[0], signal)];
    const answer = await call(environment, '/v1/notifications/batch', { notifications: bodies }, signal);
    if (answer.status !== 207) return entries.map(() => answer);
    return (answer.body.results as { status: number; error?: unknown }[]).map((result) => ({
      status: result.status,
      body: result.error ?? result,
    }));
  } catch {
    return null;
  }
}

/** Whether this answer is final. A 5xx or a 429 is not: it may have been stored, and repeating is safe. */
function isSettled({ asked }: Entry, answer: ApiAnswer | undefined): boolean {
  if (!answer || answer.status >= 500 || answer.status === 429 || answer.status === 408) return false;
  if (answer.status === 422 && asked.expiresAt !== null && asked.expiresAt <= Date.now())
    asked.answer = 'too late';
  else if (answer.status !== 202)
    asked.answer = `refused: ${answer.status} ${JSON.stringify(answer.body).slice(0, 300)}`;
  else {
    asked.answer = 'accepted';
    asked.acceptedAt = Date.now();
    noteOtherId({ asked }, answer);
  }
  return true;
}

function noteOtherId({ asked }: Pick<Entry, 'asked'>, answer: ApiAnswer | undefined): void {
  if (answer?.status === 202 && answer.body.id !== asked.id) asked.otherId = String(answer.body.id);
}

/** Cancels if that is planned. Only a 200 is a confirmation; without an answer nothing is promised. */
async function cancel(
  { planned, asked }: Entry,
  environment: Environment,
  { call }: LoadOptions,
): Promise<void> {
  if (planned.cancelAfterMs === null || asked.answer !== 'accepted') return;
  await pause(planned.cancelAfterMs);
  try {
    const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
    const { status } = await call(environment, `/v1/notifications/${asked.id}/cancel`, {}, signal);
    if (status === 200) asked.cancelledAt = Date.now();
  } catch {
    // Lost on the way: it may be cancelled or not, and both are right.
  }
}
