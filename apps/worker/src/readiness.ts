import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import type { Log } from '@carillon/core/program/log';
import type { ReadinessProblem } from '@carillon/core/program/readiness';
import type { ServerStates } from '@carillon/core/program/server-looks';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';

/** What GET /readyz of a worker answers: with 200 if it can send, else with 503. */
export interface WorkerReadiness extends ServerStates {
  /** `starting`: it waits for what it needs before it takes its first job. */
  status: 'ready' | 'starting' | 'not_ready';
  /**
   * Their notifications wait for an account; null before the accounts are read. Reported only, unless it is all of
   * them.
   */
  channels_without_account: Channel[] | null;
  /** The database was restored and bulk messages wait for the release. Reported only. */
  restore_under_review: boolean;
}

/** Before the first check. */
export const STARTING: WorkerReadiness = {
  status: 'starting',
  postgres: 'down',
  missing_migrations: [],
  redis: 'down',
  channels_without_account: null,
  restore_under_review: false,
  problems: [],
};

export interface ReadinessOptions {
  servers(withinMs: number): Promise<ServerStates>;
  log: Pick<Log, 'warn'>;
}

/** Checks everything a worker needs, and logs which channels have no account, once for each change. */
export interface ReadinessWatch {
  look(withinMs: number): Promise<WorkerReadiness>;
  /** From now on the accounts count, and the status is no longer `starting`. */
  started(accounts: readonly RegisteredAccount[], isUnderReview: () => boolean): void;
}

export function watchReadiness({ servers, log }: ReadinessOptions): ReadinessWatch {
  let accounts: readonly RegisteredAccount[] | null = null;
  let underReview = (): boolean => false;
  let saidOfAccounts = '';

  return {
    started(used, isUnderReview) {
      accounts = used;
      underReview = isUnderReview;
    },
    async look(withinMs) {
      const { problems, ...states } = await servers(withinMs);
      const without = accounts && channelsWithout(accounts);
      const ofAccounts = noAccounts(without);
      if (ofAccounts && ofAccounts.message !== saidOfAccounts)
        log.warn('channels have no account', {
          part: 'accounts',
          code: ofAccounts.code,
          reason: ofAccounts.message,
        });
      saidOfAccounts = ofAccounts?.message ?? '';
      const usable = problems.length === 0 && without !== null && without.length < CHANNELS.length;
      return {
        status: usable ? 'ready' : accounts === null ? 'starting' : 'not_ready',
        ...states,
        channels_without_account: without,
        restore_under_review: underReview(),
        problems: ofAccounts ? [...problems, ofAccounts] : problems,
      };
    },
  };
}

/** Channels for which no account can be used. */
function channelsWithout(accounts: readonly RegisteredAccount[]): Channel[] {
  const served = new Set(accounts.map(({ adapter }) => adapter.channel));
  return CHANNELS.filter((channel) => !served.has(channel));
}

function noAccounts(channels: Channel[] | null): ReadinessProblem | null {
  if (channels === null || channels.length === 0) return null;
  const message = `No provider account can be used for ${channels.join(', ')}, so notifications of ${channels.length === CHANNELS.length ? 'all channels' : 'these channels'} wait: add one in the dashboard (Providers), with PUT /v1/provider-accounts/{account}, or in PROVIDERS_FILE.`;
  return { part: 'accounts', code: 'no_account', message };
}
