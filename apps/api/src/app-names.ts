import { listApps } from '@carillon/db/apps/list-apps';
import type { Sql } from 'postgres';
import type { Metrics } from './metrics.ts';

const EVERY_MS = 60_000;
/** `carillon_app_info` has one sample for each. */
const MOST_APPS = 2_000;

/**
 * Keeps the names of apps for the metrics, so that a scrape queries nothing. While PostgreSQL is away the last ones
 * stay.
 *
 * @returns a function that ends it.
 */
export function nameApps(sql: Sql, metrics: Pick<Metrics, 'apps'>): () => void {
  const read = (): void =>
    void listApps(sql, MOST_APPS).then(
      (apps) => metrics.apps(apps),
      () => {},
    );
  read();
  const timer = setInterval(read, EVERY_MS);
  return () => clearInterval(timer);
}
