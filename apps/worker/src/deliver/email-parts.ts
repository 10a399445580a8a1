import type { Log } from '@carillon/core/log';
import type { Sql } from 'postgres';
import type { WorkerConfig } from '../config.ts';
import { guardedGet } from '../emit/guarded-get.ts';
import { createAttach } from './attach.ts';
import { byteBudget } from './byte-budget.ts';
import type { CategoryBook, CategorySettings } from './category-settings.ts';
import { createEmailLinks, type EmailLinks } from './email-links.ts';
import type { Steps } from './steps.ts';

/** What e-mails of this process get beside their text: links and files. */
export interface EmailParts {
  links: EmailLinks;
  attach: Steps['attach'];
  close(): Promise<void>;
}

export interface EmailPartsOptions {
  sql: Sql;
  config: Pick<WorkerConfig, 'PUBLIC_BASE_URL' | 'ENCRYPTION_KEYS' | 'WEBHOOKS_ALLOW_PRIVATE'>;
  categories: Pick<CategoryBook, 'settingsFor' | 'some' | 'known'>;
  log: Pick<Log, 'warn'>;
  stopping?: AbortSignal;
}

/** Of files, decoded, over all lanes. While a message is composed from them it takes some five times as much. */
const BUDGET_BYTES = 48 * 1024 * 1024;

export function emailParts({ sql, config, categories, log, stopping }: EmailPartsOptions): EmailParts {
  const { PUBLIC_BASE_URL: baseUrl, ENCRYPTION_KEYS: ring, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
  const http = guardedGet({ allowPrivate });
  if (baseUrl === undefined) {
    // A table that cannot be read now is told of elsewhere.
    categories.known().then(
      () => warnOf(categories, log),
      () => {},
    );
  }
  return {
    links: createEmailLinks({ baseUrl, ring, categories }),
    attach: createAttach({
      sql,
      http,
      budget: byteBudget(BUDGET_BYTES),
      categories,
      ...(stopping ? { stopping } : {}),
    }),
    close: http.close,
  };
}

function warnOf(categories: Pick<CategoryBook, 'some'>, log: Pick<Log, 'warn'>): void {
  const wantsLinks = ({ unsubscribable, trackOpens, trackClicks }: CategorySettings): boolean =>
    unsubscribable || trackOpens || trackClicks;
  if (!categories.some(wantsLinks)) return;
  log.warn(
    'PUBLIC_BASE_URL is not set: e-mails carry neither unsubscribe links nor tracking, although categories want them',
  );
}
