import { percentile } from '../measure/percentiles.ts';
import type { Answer } from './connection.ts';
import type { LoadResult } from './job.ts';

/** Milliseconds since the epoch, finer than Date.now(), on the clock that the simulator writes into its ledger. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** Counts what the API answered. */
export class Tally {
  readonly sent: LoadResult['sent'] = [];
  readonly #startedAtMs = nowMs();
  readonly #cpu = process.cpuUsage();
  readonly #latencies: number[] = [];
  #endedAtMs = 0;
  #cpuUs = 0;
  #accepted = 0;
  #refused = 0;
  #firstRefusal: string | null = null;

  /** @param size messages in the request */
  count({ status, body }: Answer, size: number, latencyMs: number): void {
    const accepted = acceptedOf(status, body, size);
    this.#accepted += accepted;
    this.#refused += size - accepted;
    this.#latencies.push(latencyMs);
    if (accepted < size) this.#firstRefusal ??= `${status} ${body.slice(0, 400)}`;
  }

  end(): void {
    this.#endedAtMs = nowMs();
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpuUs = user + system;
  }

  result(): LoadResult {
    const at = (share: number) => percentile(this.#latencies, share);
    return {
      startedAtMs: this.#startedAtMs,
      endedAtMs: this.#endedAtMs,
      accepted: this.#accepted,
      refused: this.#refused,
      firstRefusal: this.#firstRefusal,
      latency: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
      sent: this.sent,
      cpuUs: this.#cpuUs,
    };
  }
}

/** A batch answers 207 with a status per item (Carillon) or 202 for all of them (the control). */
function acceptedOf(status: number, body: string, size: number): number {
  if (status === 202) return size;
  if (status !== 207) return 0;
  let found = 0;
  for (let at = body.indexOf(ITEM); at >= 0; at = body.indexOf(ITEM, at + ITEM.length)) found++;
  return found;
}

const ITEM = '"status":202';
