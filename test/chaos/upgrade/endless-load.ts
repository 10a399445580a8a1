import type { Cell } from '../cell/cell.ts';
import { SPECIES_OF_CELLS } from '../cell/message.ts';
import type { Asked } from '../judge/evidence.ts';
import type { Finding } from '../judge/rules.ts';
import type { ApiAnswer, CallApi } from '../load/ask.ts';
import { type PlannedRequest, planLoad } from '../load/plan.ts';
import { createRandom } from '../load/random.ts';
import { callApiAt } from '../system/call-api.ts';

/** Load that goes on until it is ended, spread over the APIs that serve at the moment, as by a load balancer. */
export interface EndlessLoad {
  /** From now on this API gets its share. @param name as it stands in findings */
  add(name: string, url: string): void;
  /** From now on it gets nothing new. */
  remove(name: string): void;
  /** Ids that this API has answered with 202 since then, in ms since the epoch. */
  acceptedBy(name: string, since: number): string[];
  /** Requests that were refused, unanswered, or answered differently so far. */
  findings: readonly Finding[];
  /** How often one key was sent to two APIs at the same moment. */
  sentToBoth(): number;
  /** Ends it, and waits for the last answers. */
  end(): Promise<void>;
}

const PER_SECOND = 60;
/** More than any run takes: it is ended before. */
const MANY = 100_000;
const BOTH_EVERY = 2;

export function startEndlessLoad(cell: Cell, run: string): EndlessLoad {
  const serving: { name: string; call: CallApi }[] = [];
  const accepted: { name: string; at: number; id: string }[] = [];
  const findings: Finding[] = [];
  let turn = 0;
  let both = 0;
  let isOver = false;

  /** One call. What is no answer below 500 is a finding: a client that hung up has not been refused. */
  const callOne = async (at: (typeof serving)[number], question: Parameters<CallApi>): Promise<ApiAnswer> => {
    const where = `${at.name} ${question[1]}`;
    try {
      const answer = await at.call(...question);
      if (answer.status >= 500) findings.push({ rule: 'refused', id: where, why: `${answer.status}` });
      for (const id of idsIn(answer)) accepted.push({ name: at.name, at: Date.now(), id });
      return answer;
    } catch (error) {
      if (!question[3].aborted)
        findings.push({ rule: 'refused', id: where, why: `no answer: ${reasonOf(error)}` });
      throw error;
    }
  };
  const call: CallApi = async (...question) => {
    const first = serving[turn++ % serving.length]!;
    const second = serving.find((other) => other !== first);
    if (second === undefined || turn % BOTH_EVERY !== 0) return callOne(first, question);
    const [one, other] = await Promise.all([callOne(first, question), callOne(second, question)]);
    both++;
    if (String(idsIn(one)) !== String(idsIn(other)))
      findings.push({ rule: 'other_id', id: String(idsIn(one)), why: `${second.name} said ${idsIn(other)}` });
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
    acceptedBy: (name, since) =>
      accepted.filter((each) => each.name === name && each.at >= since).map(({ id }) => id),
    findings,
    sentToBoth: () => both,
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

/** Of what an answer accepts. */
function idsIn({ status, body }: ApiAnswer): string[] {
  if (status === 202) return [body.id as string];
  if (status !== 207) return [];
  return (body.results as { status: number; id: string }[])
    .filter((result) => result.status === 202)
    .map(({ id }) => id);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
