import { setTimeout as pause } from 'node:timers/promises';
import type { Asked, Evidence, FaultRecord } from './judge/evidence.ts';
import { judge, type Verdict } from './judge/judge.ts';
import { type InboxClient, startInboxClient } from './load/inbox-client.ts';
import { runLoad } from './load/load.ts';
import { planLoad } from './load/plan.ts';
import { createRandom, type Random } from './load/random.ts';
import type { FaultKind } from './nemesis/fault.ts';
import { startNemesis } from './nemesis/nemesis.ts';
import { planFaults } from './nemesis/schedule.ts';
import { callApiAt } from './system/call-api.ts';
import { type ChaosSettings, type ChaosSystem, startChaosSystem } from './system/chaos-system.ts';
import { collectEvidence } from './system/collect.ts';
import { collectInboxes } from './system/collect-inboxes.ts';
import { untilSettled } from './system/settle.ts';

export interface ChaosOptions {
  seed: number;
  notifications: number;
  faults: number;
  minutes: number;
  settings: ChaosSettings;
  /** The kinds of faults, in groups that take turns; default all. */
  groups?: readonly (readonly FaultKind[])[];
  /** How long the system may take to settle after the last fault. */
  settleTimeoutMs: number;
}

export interface ChaosResult {
  verdict: Verdict;
  evidence: Evidence;
  settledInMs: number;
  /** Data and logs of the system; kept when there are findings. */
  dir: string;
}

/** A client gives up only when nothing has answered for longer than any schedule of faults keeps everything down. */
const GIVE_UP_AFTER_MS = 180_000;
/** The load begins before the first fault, so that every fault meets work. */
const HEAD_START_MS = 2_000;
const FOLLOWED = Array.from({ length: 8 }, (_, n) => `user_${n + 1}`);
const CUT_AFTER_MS = [200, 5_000] as const;
/** Short, so that tokens end during a run. */
const TOKEN_SECONDS = 60;
/** After everything has settled, a stream has this long to bring the last change. */
const TOLD_WITHIN_MS = 30_000;

/** Load and faults together; then the faults end, the system settles, and the judge evaluates. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  const { seed, notifications, faults, minutes, settings, settleTimeoutMs } = options;
  const begun = Date.now();
  const told = (line: string) => say(`${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${line}`);
  const random = createRandom(seed);
  const spanMs = minutes * 60_000;
  const system = await startChaosSystem((line) => told(`(${line})`), settings);
  let clients: InboxClient[] = [];
  try {
    const { appId } = system.secrets;
    told(`the system is up; its logs are in ${system.dir}`);
    const plan = planLoad(
      { run: `chaos-${seed}`, notifications, scheduleWithinMs: Math.min(20_000, spanMs / 3) },
      random.fork('load'),
    );
    const load = runLoad({
      requests: plan,
      call: callApiAt(system.apiUrl, { live: system.secrets.liveKey, test: system.secrets.testKey }),
      appId,
      notificationsPerSecond: notifications / (spanMs / 1000),
      random: random.fork('pauses'),
      giveUpAfterMs: GIVE_UP_AFTER_MS,
    });
    clients = followInboxes(system, random.fork('inboxes'));
    await pause(HEAD_START_MS);
    const schedule = planFaults(
      faults,
      Math.max(1_000, spanMs - HEAD_START_MS),
      random.fork('faults'),
      options.groups,
    );
    const nemesis = startNemesis(system, schedule, random.fork('nemesis'), told);
    const [asked, records] = await Promise.all([load, nemesis.done]);
    told(`all ${asked.length} are asked for and all ${records.length} faults are over`);
    return await conclude(system, clients, asked, records, settleTimeoutMs, told);
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await system.stop();
  }
}

/** Some of the demo's people follow their inboxes, in two browsers each. */
function followInboxes(system: ChaosSystem, random: Random): InboxClient[] {
  const callApi = callApiAt(system.apiUrl, { live: system.secrets.liveKey, test: system.secrets.testKey });
  const fetchToken = async (person: string): Promise<string> => {
    const path = `/v1/recipients/${person}/tokens`;
    const { status, body } = await callApi(
      'live',
      path,
      { ttl_seconds: TOKEN_SECONDS },
      AbortSignal.timeout(8_000),
    );
    if (status !== 201) throw new Error(`no token for ${person}: ${status}`);
    return body.token;
  };
  return FOLLOWED.flatMap((person) =>
    [null, CUT_AFTER_MS].map((cutAfterMs, n) =>
      startInboxClient({
        name: `${person} ${n}`,
        person,
        apiUrls: [system.apiUrl],
        fetchToken: () => fetchToken(person),
        cutAfterMs,
        acts: 0.3,
        random: random.fork(`${person} ${n}`),
      }),
    ),
  );
}

async function conclude(
  system: ChaosSystem,
  clients: readonly InboxClient[],
  asked: Asked[],
  faults: FaultRecord[],
  settleTimeoutMs: number,
  say: (line: string) => void,
): Promise<ChaosResult> {
  const { tookMs, open } = await untilSettled(system.sql, settleTimeoutMs, say);
  say(open === 0 ? `settled after ${(tookMs / 1000).toFixed(1)} s` : `${open} never settled`);
  const inboxes = await collectInboxes(system.sql, clients, TOLD_WITHIN_MS);
  say(`${clients.length} streams brought ${inboxes.clients.flatMap(({ events }) => events).length} events`);
  const evidence = await collectEvidence(system.sql, system.simulator, asked, faults, {
    taken: system.postman.forgedTaken(),
    refused: system.postman.forgedRefused(),
  });
  const verdict = judge({ ...evidence, inboxes });
  if (verdict.findings.length > 0) system.keep();
  return { verdict, evidence, settledInMs: tookMs, dir: system.dir };
}
