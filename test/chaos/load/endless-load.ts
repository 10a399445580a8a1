import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import { SPECIES_OF_CELLS } from '../cell/message.ts';
import type { Asked } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import { callApiAt } from '../system/call-api.ts';
import { simulatorAt } from '../system/simulator.ts';
import type { ApiAnswer, CallApi } from './ask.ts';
import { type PlannedRequest, planLoad } from './plan.ts';
import { createRandom } from './random.ts';

/** Load that goes on until it is ended, spread over the APIs that serve at the moment, as by a load balancer. */
export interface EndlessLoad {
  /** From now on this API gets its share. @param name of the API in findings */
  add(name: string, url: string): void;
  /** From now on it gets nothing new. */
  remove(name: string): void;
  /**
   * Waits until each of these APIs has accepted so many from now on that a provider took, or until there is a finding.
   * @returns how many of each
   */
  untilSent(apis: readonly string[], enough: number): Promise<number[]>;
  /** Requests that were refused, unanswered, or answered differently so far. */
  findings: readonly Finding[];
  /** How often one key was sent to two APIs at the same moment. */
  sentToBoth(): number;
  /** How many requests were answered 503 so far. */
  refused(): number;
  /** Ends it, and waits for the last answers. */
  end(): Promise<void>;
}

const PER_SECOND = 60;
/** More than any run takes: it is ended before. */
const MANY = 100_000;
const BOTH_EVERY = 2;
/** Every request is answered within 6 s, whatever PostgreSQL does. A client of the load that hangs up does so at once. */
const PATIENCE_MS = 7_000;

/** @param mayRefuse whether an answer of 503 with `Retry-After` is right at the moment; any other refusal never is */
export function startEndlessLoad(
  cell: Cell,
  run: string,
  mayRefuse: () => boolean = () => false,
): EndlessLoad {
  const serving: { name: string; call: CallApi }[] = [];
  const accepted: { name: string; at: number; id: string }[] = [];
  const findings: Finding[] = [];
  let turn = 0;
  let both = 0;
  let refused = 0;
  let isOver = false;

  /** One call. What is no answer below 500 is a finding: a client that hung up has not been refused. */
  const callOne = async (at: (typeof serving)[number], question: Parameters<CallApi>): Promise<ApiAnswer> => {
    const where = `${at.name} ${question[1]}`;
    const begun = performance.now();
    try {
      const answer = await at.call(...question);
      if (answer.status >= 500 && !(answer.status === 503 && answer.retryAfter !== null && mayRefuse()))
        findings.push({
          rule: 'refused',
          id: where,
          why: `${answer.status}, Retry-After ${answer.retryAfter}: ${JSON.stringify(answer.body)}`,
        });
      if (answer.status === 503) refused++;
      for (const id of idsIn(answer)) if (id !== null) accepted.push({ name: at.name, at: Date.now(), id });
      return answer;
    } catch (error) {
      const hungUp = question[3].aborted && performance.now() - begun < PATIENCE_MS;
      if (!hungUp) findings.push({ rule: 'refused', id: where, why: `no answer: ${reasonOf(error)}` });
      throw error;
    }
  };
  const call: CallApi = async (...question) => {
    const first = serving[turn++ % serving.length]!;
    const second = serving.find((other) => other !== first);
    if (second === undefined || turn % BOTH_EVERY !== 0) return callOne(first, question);
    const [one, other] = await Promise.all([callOne(first, question), callOne(second, question)]);
    both++;
    const others = idsIn(other);
    for (const [k, id] of idsIn(one).entries())
      if (id !== null && (others[k] ?? id) !== id)
        findings.push({ rule: 'other_id', id, why: `${second.name} said ${others[k]}` });
    return one;
  };
  const random = createRandom(1);
  const plan = planLoad(
    { run, notifications: MANY, scheduleWithinMs: 5_000, species: SPECIES_OF_CELLS },
    random,
  );
  let asking: Promise<Asked[]> | null = null;

  return {
    add: (name, url) => {
      serving.push({ name, call: callApiAt(url, cell.keys) });
      asking ??= cell.ask(
        whilst(() => !isOver, plan),
        call,
        PER_SECOND,
      );
    },
    remove: (name) => {
      serving.splice(
        serving.findIndex((each) => each.name === name),
        1,
      );
    },
    async untilSent(apis, enough) {
      const since = Date.now();
      const simulator = simulatorAt(cell.simulatorUrl);
      return until(
        `${enough} messages accepted by each of ${apis} to be sent`,
        async () => {
          const taken = new Set((await simulator.ledger()).map(({ notificationId }) => notificationId));
          const sent = apis.map(
            (api) =>
              accepted.filter(({ name, at, id }) => name === api && at >= since && taken.has(id)).length,
          );
          // After a finding there is nothing left to prove, and it says more than a wait that ends.
          return sent.every((count) => count >= enough) || findings.length > 0 ? sent : null;
        },
        { timeoutMs: 60_000, everyMs: 100 },
      );
    },
    findings,
    sentToBoth: () => both,
    refused: () => refused,
    async end() {
      isOver = true;
      await asking;
    },
  };
}

function* whilst(goesOn: () => boolean, plan: Iterable<PlannedRequest>): Generator<PlannedRequest> {
  for (const request of plan) {
    if (!goesOn()) return;
    yield request;
  }
}

/** Of what an answer accepts, in the order of the request; null for what it does not accept. */
function idsIn({ status, body }: ApiAnswer): (string | null)[] {
  if (status === 202) return [body.id as string];
  if (status !== 207) return [];
  return (body.results as { status: number; id: string }[]).map((result) =>
    result.status === 202 ? result.id : null,
  );
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
