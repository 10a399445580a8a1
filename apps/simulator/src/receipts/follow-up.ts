import { commandOf } from '../command.ts';
import type { FollowUp } from '../request-handler.ts';
import { SIMULATED } from '../simulated.ts';
import { DELAY_MS, type SimulatedReceipts, type Told } from '../simulated-provider.ts';

export interface FollowUpOptions {
  /** Base URL of Carillon's API. */
  apiUrl: string;
  delayMs?: number;
}

/** How the receipts of a provider are made. */
export const RECEIPTS: ReadonlyMap<string, SimulatedReceipts> = new Map(
  SIMULATED.flatMap(({ id, receipts }) => (receipts ? [[id, receipts]] : [])),
);

const TRIES = 5;
const TRY_AGAIN_MS = 2_000;
const TIMEOUT_MS = 5_000;
/** The maximum number of concurrent calls; others are queued. */
const AT_ONCE = 16;
const MAX_WAITING = 100_000;

export function followUp({ apiUrl, delayMs = DELAY_MS }: FollowUpOptions): FollowUp {
  const timers = new Set<NodeJS.Timeout>();
  const waiting: (() => Promise<void>)[] = [];
  let out = 0;
  let closed = false;

  const later = (ms: number, act: () => void): void => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  const next = (): void => {
    while (!closed && out < AT_ONCE && waiting.length > 0) {
      out++;
      void waiting.shift()!().finally(() => {
        out--;
        next();
      });
    }
  };
  const tell = (path: string, receipts: SimulatedReceipts, told: Told, tries = 1): void => {
    if (waiting.length >= MAX_WAITING) return;
    waiting.push(async () => {
      const url = `${apiUrl}${path}`;
      const { headers, body } = receipts.compose(told, url, new Date());
      const status = await post(url, headers, body);
      if ((status === null || status >= 500) && tries < TRIES)
        later(TRY_AGAIN_MS, () => tell(path, receipts, told, tries + 1));
    });
    next();
  };

  return {
    accepted(acceptance, answered) {
      const { provider, to, attempt_id: attemptId } = acceptance;
      const receipts = RECEIPTS.get(provider);
      const messageId = receipts && messageIdIn(receipts, answered);
      const query = receipts?.query ? receipts.query(attemptId) : '';
      if (!receipts || typeof messageId !== 'string' || query === null) return;
      const path = `/v1/receipts/${provider}/${receipts.account?.(acceptance) ?? provider}${query}`;
      const command = commandOf(to);
      for (const [step, what] of STORY[command]?.entries() ?? [[0, 'delivered'] as const])
        later(delayMs * (step + 1), () => tell(path, receipts, { what, to, attemptId, messageId }));
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

const STORY: Readonly<Record<string, readonly Told['what'][]>> = {
  bounce: ['bounced'],
  complain: ['delivered', 'complained'],
  undelivered: ['bounced'],
  stopped: ['complained'],
  unreported: [],
};

function messageIdIn(
  receipts: SimulatedReceipts,
  { body, headers = {} }: { body: unknown; headers?: Record<string, string> },
): unknown {
  return receipts.messageId((body ?? {}) as Record<string, unknown>, headers);
}

async function post(url: string, headers: Record<string, string>, body: string): Promise<number | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  }
}
