import { setTimeout as pause } from 'node:timers/promises';
import type { Priority } from '@carillon/core/notification/priority';
import { freePort } from '@carillon/local/ports';
import { rolesInsteadOf } from '@carillon/worker/roles';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import { SPECIES_OF_CELLS } from '../cell/message.ts';
import type { Asked, FaultRecord } from '../judge/evidence.ts';
import type { Span } from '../judge/held-up.ts';
import { findStuck, RECOVER_MS, type Recovery } from '../judge/recovery.ts';
import type { Finding } from '../judge/rules.ts';
import type { CallApi } from '../load/ask.ts';
import { planLoad } from '../load/plan.ts';
import { createRandom } from '../load/random.ts';
import { callApiAt } from '../system/call-api.ts';
import { simulatorAt } from '../system/simulator.ts';

const PER_SECOND = 20;
/** Before the fault, so that connections are open and in use. */
const HEAD_START_MS = 4_000;
/** Of the fault: longer than the guaranteed time, to distinguish late from never. */
const WATCHED_MS = RECOVER_MS + 5_000;
const NOTIFICATIONS = ((HEAD_START_MS + WATCHED_MS + 3_000) / 1000) * PER_SECOND;
interface Program {
  name: string;
  url: string;
  /** Whose messages it alone sends; none for the API. */
  priorities: readonly Priority[];
}

/**
 * The API and two workers, each a process, under the load of the long run, before, during and after a fault that they
 * have to overcome automatically while it lasts.
 *
 * @param env settings of all of them that differ
 * @param begin makes the fault. @returns ends it
 */
export async function throughFault(
  cell: Cell,
  env: Readonly<Record<string, string>>,
  begin: () => Promise<() => Promise<void>>,
): Promise<{ fault: Omit<FaultRecord, 'kind' | 'target'>; findings: Finding[] }> {
  const programs = await start(cell, env);
  const [api, ...workers] = programs as [Program, ...Program[]];
  const answers: Answer[] = [];
  const plan = planLoad(
    { run: 'fault', notifications: NOTIFICATIONS, scheduleWithinMs: 5_000, species: SPECIES_OF_CELLS },
    createRandom(1),
  );
  const asking = cell.ask(plan, noted(callApiAt(api.url, cell.keys), answers), PER_SECOND);
  await pause(HEAD_START_MS);
  const from = Date.now();
  const end = await begin();
  const watched = { from: Date.now(), to: Date.now() + WATCHED_MS };
  const told = await Promise.all(programs.map(({ url }) => toldAfter(url, watched)));
  await end();
  const fault = { from, to: Date.now(), delaysProviders: false };
  const asked = await asking;
  const worked = [
    acceptedAfter(answers, watched),
    ...(await Promise.all(workers.map((worker) => sentAfter(cell, worker, asked, watched)))),
  ];
  const seen = programs.map(
    ({ name }, k): Recovery => ({ program: name, workedAfterMs: worked[k]!, toldAfterMs: told[k]! }),
  );
  for (const { program, workedAfterMs, toldAfterMs } of seen)
    console.log(`${program}: worked again after ${workedAfterMs} ms, said no after ${toldAfterMs} ms`);
  return { fault, findings: findStuck(seen) };
}

async function start(cell: Cell, env: Readonly<Record<string, string>>): Promise<Program[]> {
  const programs: Program[] = [];
  const added = async (name: string, priorities: readonly Priority[]): Promise<number> => {
    const port = await freePort();
    programs.push({ name, priorities, url: `http://127.0.0.1:${port}` });
    return port;
  };
  const worker = async (name: string, ...priorities: Priority[]) => {
    const own = {
      WORKER_PORT: String(await added(name, priorities)),
      WORKER_ROLES: rolesInsteadOf(priorities.join(), undefined),
    };
    cell.startWorker(undefined, { ...own, ...env });
  };
  cell.startApi(await added('API', []), undefined, env);
  await worker('worker for critical ones', 'critical');
  await worker('worker for the others', 'normal', 'bulk');
  for (const { name, url } of programs)
    await until(`the ${name} to be ready`, () => fetch(`${url}/readyz`).then(({ ok }) => ok), {
      timeoutMs: 60_000,
      everyMs: 50,
    });
  return programs;
}

interface Answer {
  at: number;
  /** False: a 5xx, or none at all. */
  isAccepted: boolean;
}

function noted(call: CallApi, answers: Answer[]): CallApi {
  return async (...question) => {
    let isAccepted = false;
    try {
      const answer = await call(...question);
      isAccepted = answer.status < 500;
      return answer;
    } finally {
      // A client that hung up has not been refused.
      if (isAccepted || !question[3].aborted) answers.push({ at: Date.now(), isAccepted });
    }
  };
}

/** Ms until POSTs were answered again and none was refused any more; null if that never came. */
function acceptedAfter(answers: readonly Answer[], { from, to }: Span): number | null {
  const within = answers.filter(({ at }) => at >= from && at <= to);
  const first = within[within.findLastIndex(({ isAccepted }) => !isAccepted) + 1];
  return first ? first.at - from : null;
}

/** Ms until a worker had sent the first of its messages that were accepted after the fault; null if it sent none. */
async function sentAfter(
  { simulatorUrl }: Cell,
  { priorities }: Program,
  asked: readonly Asked[],
  { from, to }: Span,
): Promise<number | null> {
  const given = asked.filter(
    ({ priority, acceptedAt }) => priorities.includes(priority) && acceptedAt !== null && acceptedAt >= from,
  );
  const ids = new Set(given.map(({ id }) => id));
  const first = (await simulatorAt(simulatorUrl).ledger()).find(
    ({ notificationId, at }) => notificationId !== null && ids.has(notificationId) && at >= from && at <= to,
  );
  return first ? first.at - from : null;
}

/** Watches until the end of the span. @returns ms until health or readiness said no; null if neither did */
async function toldAfter(url: string, { from, to }: Span): Promise<number | null> {
  let told: number | null = null;
  while (Date.now() < to) {
    const says = await Promise.all(['healthz', 'readyz'].map((path) => isOk(`${url}/${path}`)));
    if (says.includes(false)) told ??= Date.now() - from;
    await pause(250);
  }
  return told;
}

const isOk = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
