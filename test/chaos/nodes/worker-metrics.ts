import type { Finding } from '../judge/rules.ts';

/** One process measures what all of them share, and it alone exports this gauge. */
const LEADER_GAUGE = 'carillon_dead_notifications';
const SENT = 'carillon_attempts_total';
const LOOK_EVERY_MS = 250;
/** Of equal workers, how much more or less than its share one may do. A lane gives a job to the worker that asks first. */
const MOST_OF_SHARE = 2;
const LEAST_OF_SHARE = 0.4;

/** Looks who is the leader until it is ended. @param workers where they listen at the moment */
export function watchLeaders(workers: () => readonly string[]): { end(): Promise<Finding[]> } {
  const findings: Finding[] = [];
  let led = 0;
  let isOver = false;
  const watching = (async () => {
    while (!isOver) {
      const urls = workers();
      const leaders = (await Promise.all(urls.map(metricsOf))).filter((text) => hasValue(text, LEADER_GAUGE));
      if (leaders.length > 0) led++;
      if (leaders.length > 1)
        findings.push({ rule: 'two_leaders', id: 'workers', why: `${leaders.length} of ${urls.length}` });
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  })();
  return {
    async end() {
      isOver = true;
      await watching;
      if (led === 0) findings.push({ rule: 'unproven', id: 'leader', why: 'no worker was ever the leader' });
      return findings;
    },
  };
}

/** How many calls each worker has made, in the order of the URLs. */
export function callsOf(workers: readonly string[]): Promise<number[]> {
  return Promise.all(workers.map(async (url) => sum(await metricsOf(url), SENT)));
}

/** @param calls of each worker, over the same time */
export function unevenAmong(calls: readonly number[]): Finding[] {
  const share = calls.reduce((all, each) => all + each, 0) / calls.length;
  const isEven = calls.every((each) => each <= share * MOST_OF_SHARE && each >= share * LEAST_OF_SHARE);
  if (isEven) return [];
  return [{ rule: 'uneven', id: 'workers', why: `their calls: ${calls.join(', ')}` }];
}

/** Empty while the process ends or begins. */
async function metricsOf(url: string): Promise<string> {
  try {
    return await (await fetch(`${url}/metrics`)).text();
  } catch {
    return '';
  }
}

const linesOf = (text: string, name: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));

const hasValue = (text: string, name: string): boolean => linesOf(text, name).length > 0;

const sum = (text: string, name: string): number =>
  linesOf(text, name).reduce((all, line) => all + Number(line.split(' ').at(-1)), 0);
