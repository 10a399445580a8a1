import type { DeliveryPolicy } from '@carillon/core/delivery-policy';
import type { Environment } from '@carillon/core/environment';
import { type CategorySettingsRow, loadCategories } from '@carillon/db/queries/load-categories';
import type { Sql } from 'postgres';
import { type DutyHooks, type Service, startDuty } from '../service.ts';

/** How messages of a category are treated. Null is the default of each message's priority. */
export interface CategorySettings {
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  backoffSeconds: readonly number[] | null;
  /** E-mail: a pixel, rewritten links, and a way out of the category. */
  trackOpens: boolean;
  trackClicks: boolean;
  unsubscribable: boolean;
}

/** Every app's categories, in memory: asked for each message, changed by people. */
export interface CategoryBook extends Service {
  /** The category's own row, else the app's `*`, else the defaults. */
  settingsFor(appId: string, environment: Environment, category: string | null): CategorySettings;
  /** Whether any category of any app has it so. */
  some(has: (settings: CategorySettings) => boolean): boolean;
  /** Resolves once the table was read, at once if it was. A decision that cannot be taken back waits for this. */
  known(): Promise<void>;
  /** Reads the table now. */
  refresh(): Promise<void>;
}

const EVERY_MS = 5000;
export const DEFAULT_SETTINGS: CategorySettings = {
  deliveryPolicy: 'resolve',
  resolveWithinSeconds: null,
  backoffSeconds: null,
  trackOpens: false,
  trackClicks: false,
  unsubscribable: false,
};
/** Holds for what has no row of its own. */
const ANY = '*';

/** Reads the table every few seconds. While PostgreSQL is away what was read last goes on holding. */
export function categoryBook(sql: Sql, hooks: Pick<DutyHooks, 'onError'>): CategoryBook {
  let book: ReadonlyMap<string, CategorySettings> | null = null;
  const refresh = async (): Promise<void> => {
    const rows = await loadCategories(sql);
    book = new Map(rows.map((row) => [keyOf(row.appId, row.environment, row.name), settingsOf(row)]));
  };
  const runOnce = async (): Promise<number> => {
    await refresh();
    return 0;
  };
  const { name, stop } = startDuty(
    { name: 'categories', everyMs: EVERY_MS, runOnce },
    { onError: hooks.onError, onRun: () => {} },
  );
  return {
    name,
    stop,
    refresh,
    some: (has) => [...(book?.values() ?? [])].some(has),
    known: async () => {
      if (book === null) await refresh();
    },
    settingsFor: (appId, environment, category) =>
      (category === null ? undefined : book?.get(keyOf(appId, environment, category))) ??
      book?.get(keyOf(appId, environment, ANY)) ??
      DEFAULT_SETTINGS,
  };
}

function keyOf(appId: string, environment: Environment, name: string): string {
  return `${appId}/${environment}/${name}`;
}

function settingsOf({ appId, environment, name, ...settings }: CategorySettingsRow): CategorySettings {
  return settings;
}
