import type { Environment } from '@carillon/core/notification/environment';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { percentile } from '@carillon/core/overview/durations';
import { type ChartRow, readChart } from '@carillon/db/overview/read-measured';
import type { ReadAnswer, Reader, Reads } from '@carillon/db/replica/reader';
import type { z } from '@hono/zod-openapi';
import { LRUCache } from 'lru-cache';
import type { historySchema } from '../routes/overview/overview-schema.ts';
import { sharedAnswer } from './shared-answer.ts';

export type History = z.input<typeof historySchema>;
export interface HistoryInput {
  environment: Environment;
  hours: number;
  stepSeconds: number;
}

/** A minute is added every minute; nobody needs it sooner than this. */
const SHARED = { forMs: 20_000, share: 0.05 };
const MOST_ANSWERS = 50;

type Series = (number | null)[];

/** The charts of the last hours, computed once for all viewers of this process. */
export function createHistory(reads: Reads): (input: HistoryInput) => Promise<ReadAnswer<History>> {
  const answers = new LRUCache<string, () => Promise<ReadAnswer<History>>>({ max: MOST_ANSWERS });
  return (input) => {
    const key = JSON.stringify([input.environment, input.hours, input.stepSeconds]);
    const answer =
      answers.get(key) ?? sharedAnswer(() => reads.read(({ sql }) => readHistory(sql, input)), SHARED);
    answers.set(key, answer);
    return answer();
  };
}

async function readHistory(sql: Reader, { environment, hours, stepSeconds }: HistoryInput): Promise<History> {
  const { now, rows } = await readChart(sql, environment, hours, stepSeconds);
  const last = Math.floor(now.getTime() / 1000 / stepSeconds) * stepSeconds;
  const steps = Math.ceil((hours * 3600) / stepSeconds);
  const at = Array.from({ length: steps }, (_, k) => last - (steps - 1 - k) * stepSeconds);
  const index = new Map(at.map((second, k) => [second, k]));
  const bySeries = Map.groupBy(rows, ({ series }) => series);
  const of = (series: string): readonly ChartRow[] => bySeries.get(series) ?? [];

  /** @param absent the value of a step without a row. @param read the value of a row. */
  const spread = (
    given: readonly ChartRow[],
    absent: (k: number) => number | null,
    read: (row: ChartRow, k: number) => number | null = ({ value }) => value,
  ): Series => {
    const values: Series = at.map((_, k) => absent(k));
    for (const row of given) {
      const k = index.get(row.at);
      if (k !== undefined) values[k] = read(row, k);
    }
    return values;
  };
  /** Minutes of each step whose flows are counted; steps where a server was asked. */
  const minutes = spread(of('minute'), () => null);
  const askedRedis = spread(of('redis_bytes'), () => null);
  const askedPostgres = spread(of('dead'), () => null);
  const zeroWhere = (asked: Series) => (k: number) => (asked[k] === null ? null : 0);
  const perSecond = ({ value }: { value: number }, k: number) =>
    minutes[k] ? round(value / (minutes[k] * 60)) : null;
  const labelled = (series: string): ReadonlyMap<string, ChartRow[]> =>
    Map.groupBy(of(series), ({ label }) => label);
  const rates = (series: string) => {
    const byLabel = labelled(series);
    return Object.fromEntries(
      PRIORITIES.map((priority) => [
        priority,
        spread(byLabel.get(priority) ?? [], zeroWhere(minutes), perSecond),
      ]),
    );
  };
  const highest = (given: readonly ChartRow[], asked: Series): Series => {
    const values = spread([], zeroWhere(asked));
    for (const { at: second, value } of given) {
      const k = index.get(second);
      if (k !== undefined) values[k] = Math.max(values[k] ?? 0, value);
    }
    return values;
  };
  const summed = (given: readonly ChartRow[], asked: Series): Series => {
    const values = spread([], zeroWhere(asked));
    for (const { at: second, value } of given) {
      const k = index.get(second);
      if (k !== undefined) values[k] = (values[k] ?? 0) + value;
    }
    return values;
  };
  const seconds = (series: Series): Series => series.map((ms) => (ms === null ? null : round(ms / 1000)));

  const durations = labelled('end_to_end');
  const accounts = Map.groupBy(of('attempts'), ({ label }) => label.slice(0, label.lastIndexOf('/')));
  const waiting = labelled('lane_waiting');
  const oldest = labelled('lane_oldest_ms');
  return {
    measured_at: now.toISOString(),
    environment,
    step_seconds: stepSeconds,
    at,
    accepted: rates('accepted'),
    sent: rates('end_to_end'),
    end_to_end_ms: Object.fromEntries(
      PRIORITIES.map((priority) => {
        const given = durations.get(priority) ?? [];
        const part = (share: number) =>
          spread(
            given,
            () => null,
            ({ buckets }) => percentile(buckets ?? [], share),
          );
        return [priority, { p50: part(0.5), p99: part(0.99) }];
      }),
    ),
    attempts: Object.fromEntries(
      [...accounts].map(([account, given]) => {
        const attempts = summed(given, minutes);
        const accepted = summed(
          given.filter(({ label }) => label === `${account}/accepted`),
          minutes,
        );
        return [
          account,
          {
            attempts: attempts.map((value, k) => (value === null ? null : perSecond({ value }, k))),
            success: attempts.map((value, k) => (value ? round((accepted[k] ?? 0) / value) : null)),
          },
        ];
      }),
    ),
    lanes: Object.fromEntries(
      [...new Set([...waiting.keys(), ...oldest.keys()])].sort().map((lane) => [
        lane,
        {
          waiting: highest(waiting.get(lane) ?? [], askedRedis),
          oldest_seconds: seconds(highest(oldest.get(lane) ?? [], askedRedis)),
        },
      ]),
    ),
    relay_lag_seconds: seconds(highest(of('relay_lag_ms'), askedPostgres)),
    dead: askedPostgres,
    in_doubt: summed(of('in_doubt'), askedPostgres),
    redis_bytes: askedRedis,
    stuck: highest(of('stuck'), askedPostgres),
  };
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000;
