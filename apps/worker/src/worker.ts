import type { Release } from '@carillon/core/notification/attempt-end';
import type { Lane } from '@carillon/core/notification/lane';
import { nextState } from '@carillon/core/notification/next-state';
import type { Log } from '@carillon/core/program/log';
import { releaseClaims } from '@carillon/db/attempts/release-claims';
import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import type { WorkerConfig } from './config.ts';
import { openContext } from './context.ts';
import type { Claimed } from './deliver/claimed.ts';
import { STOPPED } from './deliver/permit.ts';
import { drain } from './drain.ts';
import { type Health, healthOptions, startHealth } from './health.ts';
import type { Canary } from './maintenance/canary.ts';
import { NO_SEAMS, type WorkerSeams } from './seams.ts';
import { startDuty } from './service.ts';
import { SERVICES } from './services.ts';

/** One worker process: the services of its roles, started together and ended in the right order. */
export interface Worker {
  healthUrl: string;
  /** Resolves when the process should be restarted: a lane has stopped moving. */
  hung: Promise<Lane[]>;
  /**
   * Takes no new jobs, gives back what is not sent yet, lets provider calls finish, closes everything.
   *
   * @returns how many calls were cut off because the time was up.
   */
  stop(withinMs?: number): Promise<number>;
}

/**
 * @param fromFile the accounts of PROVIDERS_FILE; null leaves those in PostgreSQL.
 * @param listening a health server that already listens; without it one is started here.
 */
export async function startWorker(
  config: WorkerConfig,
  fromFile: readonly AccountSettings[] | null,
  log: Log,
  seams: WorkerSeams = NO_SEAMS,
  listening?: Health,
): Promise<Worker> {
  const health = listening ?? (await startHealth(healthOptions(config)));
  const context = await openContext(config, fromFile, log, seams, health);
  const {
    accounts,
    breakers,
    canary,
    categories,
    db,
    hooks,
    leaderLease,
    leases,
    readiness,
    restoreWatch,
    stopping,
  } = context;

  const services = SERVICES.filter(({ role }) => config.WORKER_ROLES.includes(role)).map((service) =>
    service.start(context),
  );
  const duties = context.duties.map((duty) => startDuty(duty, hooks));
  readiness.started(accounts, restoreWatch.isUnderReview);
  health.serve({
    registry: context.metrics.registry,
    hungLanes: canary.hung,
    refusesWrites: context.refusesWrites,
  });
  const hungWatch = watchForHungLanes(canary);

  return {
    healthUrl: health.url,
    hung: hungWatch.hung,
    stop: (withinMs = config.WORKER_DRAIN_SECONDS * 1000) =>
      drain(
        {
          stopping,
          leases,
          services: [...services, hungWatch, breakers, ...duties, categories, leaderLease],
          release: (unwritten) =>
            releaseClaims(db.sql, unwritten.filter(({ isRepeat }) => !isRepeat).map(whenStopping)),
          close: async () => void (await Promise.all([context.close(), health.stop()])),
        },
        withinMs,
      ),
  };
}

function whenStopping(claimed: Claimed): Release {
  return nextState(claimed, STOPPED);
}

function watchForHungLanes(canary: Canary): { hung: Promise<Lane[]>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<Lane[]>((resolve) => {
    timer = setInterval(() => {
      const lanes = canary.hung();
      if (lanes.length > 0) resolve(lanes);
    }, 5000);
  });
  return { hung, stop: () => clearInterval(timer) };
}
