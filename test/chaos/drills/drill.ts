import { randomUUID } from 'node:crypto';
import type { Environment } from '@carillon/core/notification/environment';
import type { ChaosSystem } from '../system/chaos-system.ts';

/**
 * One fault at full size, measured: what a run of many faults cannot show, because no single one of them meets enough
 * work or has long enough to itself.
 */
export interface Drill {
  name: string;
  play(system: ChaosSystem, say: (line: string) => void): Promise<DrillResult>;
}

export interface DrillResult {
  /** For the report: what was measured, and the figure. */
  figures: readonly (readonly [what: string, figure: string])[];
  /** Guarantees that were broken. */
  broken: readonly string[];
}

const BATCH = 500;

/** Posts notifications in batches until all are accepted. @returns their ids */
export async function post(
  { apiUrl, secrets }: ChaosSystem,
  environment: Environment,
  count: number,
  body: (n: number) => Record<string, unknown>,
): Promise<string[]> {
  const run = randomUUID();
  const key = environment === 'live' ? secrets.liveKey : secrets.testKey;
  const ids: string[] = [];
  for (let from = 0; from < count; from += BATCH) {
    const notifications = Array.from({ length: Math.min(BATCH, count - from) }, (_, n) => ({
      ...body(from + n),
      idempotency_key: `${run}-${from + n}`,
    }));
    const response = await fetch(`${apiUrl}/v1/notifications/batch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ notifications }),
    });
    if (response.status !== 207)
      throw new Error(`a batch was answered ${response.status}: ${await response.text()}`);
    const { results } = (await response.json()) as { results: { status: number; id: string }[] };
    const refused = results.find(({ status }) => status !== 202);
    if (refused) throw new Error(`a notification was refused: ${JSON.stringify(refused)}`);
    ids.push(...results.map(({ id }) => id));
  }
  return ids;
}
