import { setTimeout as pause } from 'node:timers/promises';
import type { WriteStream } from 'node:tty';
import { loadItem } from './load-mix.ts';
import { Progress } from './progress.ts';
import type { RunFile } from './run-file.ts';

const BATCH = 500;
/** Long enough for the first retries; later outcomes are in the dashboard. */
const QUIET_MS = 6_000;

/**
 * Sends mixed notifications to a running system and watches them arrive at the simulator.
 *
 * @param count how many
 * @param out where to show progress; null for none
 * @returns one sentence with the figures
 * @throws when the API or the simulator stops answering
 */
export async function sendLoad(run: RunFile, count: number, out: WriteStream | null): Promise<string> {
  const progress = new Progress(out);
  const ledger = new LedgerWatch(run.simulator);
  await ledger.read();
  const began = Date.now();
  const mark = began.toString(36);
  const accepted = new Set<string>();
  let awaited = 0;
  for (let from = 0; from < count; from += BATCH) {
    const items = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) => loadItem(mark, from + i));
    const ids = await sendBatch(run, items);
    for (const [i, id] of ids.entries()) {
      if (!id) continue;
      accepted.add(id);
      // An in-app message ends in Carillon's inbox: no provider sees it.
      if (items[i]?.channel !== 'in_app') awaited++;
    }
    progress.show('accepted', accepted.size, count);
  }
  progress.end();
  const acceptedMs = Date.now() - began;

  let arrived = 0;
  let lastArrival = Date.now();
  while (arrived < awaited && Date.now() - lastArrival < QUIET_MS) {
    await pause(200);
    await ledger.read();
    const now = [...accepted].filter((id) => ledger.ids.has(id)).length;
    if (now > arrived) lastArrival = Date.now();
    arrived = now;
    progress.show('delivered', arrived, awaited);
  }
  progress.end();
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  return [
    `  ${accepted.size} of ${count} accepted in ${seconds(acceptedMs)}; ${arrived} of ${awaited} that go to a provider reached the`,
    `  simulator in ${seconds(lastArrival - began)}, ${accepted.size - awaited} went to in-app inboxes. The rest failed, waits for a retry`,
    `  or is in doubt, as its recipients asked for: see ${run.dashboard}`,
  ].join('\n');
}

/** @returns per item the notification's id, or null if it was refused */
async function sendBatch(run: RunFile, notifications: unknown[]): Promise<(string | null)[]> {
  for (;;) {
    const answer = await fetch(`${run.api}/v1/notifications/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${run.api_key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ notifications }),
      signal: AbortSignal.timeout(30_000),
    });
    if (answer.status === 429 || answer.status === 503) {
      await answer.body?.cancel();
      await pause(Number(answer.headers.get('retry-after') ?? 1) * 1_000);
      continue;
    }
    if (!answer.ok)
      throw new Error(`the API answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
    const { results } = (await answer.json()) as { results: { status: number; id?: string }[] };
    return results.map(({ status, id }) => (status === 202 && id ? id : null));
  }
}

/** Reads the messages that the simulator accepted, each line once. */
class LedgerWatch {
  readonly ids = new Set<string>();
  readonly #url: string;
  #after = 0;

  constructor(simulator: string) {
    this.#url = `${simulator}/ledger`;
  }

  async read(): Promise<void> {
    const answer = await fetch(`${this.#url}?after=${this.#after}`, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) throw new Error(`the simulator answered ${answer.status} to ${this.#url}`);
    for (const text of (await answer.text()).split('\n')) {
      if (text === '') continue;
      const line = JSON.parse(text) as { seq: number; notification_id: string | null };
      this.#after = Math.max(this.#after, line.seq);
      if (line.notification_id) this.ids.add(line.notification_id);
    }
  }
}
