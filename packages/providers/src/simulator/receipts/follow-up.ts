import { commandOf } from '../command.ts';
import type { Acceptance } from '../ledger.ts';
import { COMPOSE, type Told } from './compose.ts';

/**
 * After an acceptance the simulated provider tells what became of it, as the real ones do: a signed call of our receipt
 * address, tried a few times. Only in memory: receipts that were due when it died never come, which real ones do too.
 */
export interface FollowUp {
  /** @param answered what the send was answered with: the provider's message id is in it. */
  accepted(acceptance: Acceptance, answered: { body: unknown; headers?: Record<string, string> }): void;
  close(): void;
}

export interface FollowUpOptions {
  /** Base URL of our API. */
  apiUrl: string;
  delayMs?: number;
}

/** How long after an acceptance it is known what became of the message. */
export const DELAY_MS = 800;
const TRIES = 5;
const TRY_AGAIN_MS = 2_000;
const TIMEOUT_MS = 5_000;
/** Calls out at a time; the rest waits its turn. */
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
  const tell = (provider: string, account: string, told: Told, tries = 1): void => {
    if (waiting.length >= MAX_WAITING) return;
    waiting.push(async () => {
      const query =
        provider === 'twilio' && told.attemptId ? `?attempt=${encodeURIComponent(told.attemptId)}` : '';
      const url = `${apiUrl}/v1/receipts/${provider}/${account}${query}`;
      const { headers, body } = COMPOSE[provider]!(told, url, new Date());
      const status = await post(url, headers, body);
      if ((status === null || status >= 500) && tries < TRIES)
        later(TRY_AGAIN_MS, () => tell(provider, account, told, tries + 1));
    });
    next();
  };

  return {
    accepted(acceptance, answered) {
      const { provider, channel, to, attempt_id: attemptId } = acceptance;
      const messageId = messageIdOf(provider, answered);
      if (!(provider in COMPOSE) || messageId === null) return;
      // Twilio tells only whom it was given a callback for.
      if (provider === 'twilio' && attemptId === null) return;
      const account = provider === 'generic' ? `generic-${channel}` : provider;
      const command = commandOf(to);
      for (const [step, what] of STORY[command]?.entries() ?? [[0, 'delivered'] as const])
        later(delayMs * (step + 1), () => tell(provider, account, { what, to, attemptId, messageId }));
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

function messageIdOf(
  provider: string,
  { body, headers }: { body: unknown; headers?: Record<string, string> },
): string | null {
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const id = {
    resend: fields.id,
    sendgrid: headers?.['x-message-id'],
    ses: fields.MessageId,
    twilio: fields.sid,
    termii: fields.message_id,
    generic: fields.id,
  }[provider];
  return typeof id === 'string' ? id : null;
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
