import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { Log } from '@carillon/core/program/log';
import { categoryName } from '@carillon/core/provider/visible-text';
import { type CategorySettingsRow, loadCategories } from '@carillon/db/preferences/categories';
import type { Sql } from 'postgres';
import { oneAtATime } from '../one-at-a-time.ts';
import { type DutyHooks, type Service, startDuty } from '../service.ts';

/** How messages of a category are treated. Null is the default of each message's priority. */
export interface CategorySettings {
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  backoffSeconds: readonly number[] | null;
  /** E-mail: an open pixel, rewritten links, and an unsubscribe link for the category. */
  trackOpens: boolean;
  trackClicks: boolean;
  unsubscribable: boolean;
  /** Whether recipients who said nothing get it, and whether they can opt out. */
  defaultOn: boolean;
  locked: boolean;
}

/** Every app's categories, in memory: read for each message, changed by people. */
export interface CategoryBook extends Service {
  /** The category's own row, else the app's `*`, else the defaults. */
  settingsFor(appId: string, environment: Environment, category: string | null): CategorySettings;
  /** Whether any category of any app has this property. */
  some(has: (settings: CategorySettings) => boolean): boolean;
  /**
   * Resolves once the table has been read, at once if it already has. A decision that cannot be undone waits for this.
   */
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
  defaultOn: true,
  locked: false,
};
/** Applies to whatever has no row of its own. */
const ANY = '*';

/** Reads the table every few seconds. While PostgreSQL is away the last read stays in use. */
export function categoryBook(sql: Sql, hooks: Pick<DutyHooks, 'onError'>): CategoryBook {
  let book: ReadonlyMap<string, CategorySettings> | null = null;
  const refresh = oneAtATime(async (): Promise<void> => {
    const rows = await loadCategories(sql);
    // Earlier versions kept names in the case given; a row in the normalised form is newer and comes last.
    const newestLast = rows.toSorted((a, b) => Number(isInOneForm(a.name)) - Number(isInOneForm(b.name)));
    book = new Map(newestLast.map((row) => [keyOf(row.appId, row.environment, row.name), settingsOf(row)]));
  });
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
  return `${appId}/${environment}/${categoryName(name)}`;
}

function isInOneForm(name: string): boolean {
  return categoryName(name) === name;
}

function settingsOf({ appId, environment, name, ...settings }: CategorySettingsRow): CategorySettings {
  return settings;
}

/** Logs that e-mail links are wanted but no base address for them is configured. */
export async function warnOfMissingLinks(
  categories: Pick<CategoryBook, 'some' | 'known'>,
  log: Pick<Log, 'warn'>,
): Promise<void> {
  // A table that cannot be read now is reported elsewhere.
  const isKnown = await categories.known().then(
    () => true,
    () => false,
  );
  const wantsLinks = ({ unsubscribable, trackOpens, trackClicks }: CategorySettings): boolean =>
    unsubscribable || trackOpens || trackClicks;
  if (!isKnown || !categories.some(wantsLinks)) return;
  log.warn(
    'PUBLIC_BASE_URL is not set: e-mails carry neither unsubscribe links nor tracking, although categories want them',
  );
}
