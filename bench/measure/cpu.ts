import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** Microseconds of processor time by name. */
export type CpuUse = Record<string, number>;

/**
 * Processor time of processes between now and the call of what is returned, as the kernel counts it (10 ms steps): of
 * each named process and its children, those that ended meanwhile included, so that PostgreSQL's are all counted.
 *
 * @returns a function that returns what was used since; null where there is no /proc (not Linux)
 */
export function startCpuMeter(pids: Readonly<Record<string, number>>): () => CpuUse | null {
  if (!existsSync('/proc/self/stat')) return () => null;
  const before = read(pids);
  return () => {
    const after = read(pids);
    return Object.fromEntries(Object.keys(pids).map((name) => [name, after[name]! - before[name]!]));
  };
}

function read(pids: Readonly<Record<string, number>>): CpuUse {
  const family = new Map<number, number>(Object.values(pids).map((pid) => [pid, 0]));
  for (const entry of readdirSync('/proc')) {
    const stat = statOf(entry);
    if (!stat) continue;
    if (family.has(stat.pid)) family.set(stat.pid, family.get(stat.pid)! + stat.ownTicks + stat.endedTicks);
    else if (family.has(stat.parent)) family.set(stat.parent, family.get(stat.parent)! + stat.ownTicks);
  }
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, family.get(pid)! * tickUs()]));
}

/** Fields after the name, which may contain anything: state, ppid, ..., utime (11), stime, cutime, cstime. */
function statOf(entry: string): { pid: number; parent: number; ownTicks: number; endedTicks: number } | null {
  if (!/^\d+$/.test(entry)) return null;
  try {
    const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (at: number) => Number(fields[at]);
    return {
      pid: Number(entry),
      parent: ticks(1),
      ownTicks: ticks(11) + ticks(12),
      endedTicks: ticks(13) + ticks(14),
    };
  } catch {
    // It has just ended.
    return null;
  }
}

/**
 * Processor time of the only thread of a process, as of a backend of PostgreSQL, to the nanosecond: unlike the time on
 * the clock it is the same, nearly, however busy the machine is.
 *
 * @returns microseconds; null where the kernel does not count it
 */
export function threadCpuUs(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ', 1)[0]) / 1000;
  } catch {
    return null;
  }
}

let knownTickUs = 0;

function tickUs(): number {
  knownTickUs ||= 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return knownTickUs;
}

/**
 * How busy the machine was, by any process.
 *
 * @returns a function that returns microseconds of processor time used by all processes since; null without /proc
 */
export function startMachineMeter(): () => number | null {
  const before = busyTicks();
  return () => {
    const after = busyTicks();
    return before === null || after === null ? null : (after - before) * tickUs();
  };
}

/** The first line of /proc/stat: user nice system idle iowait irq softirq steal. */
function busyTicks(): number | null {
  try {
    const [user, nice, system, , , irq, softirq] = readFileSync('/proc/stat', 'utf8')
      .split('\n', 1)[0]!
      .split(/\s+/)
      .slice(1)
      .map(Number) as [number, number, number, number, number, number, number];
    return user + nice + system + irq + softirq;
  } catch {
    return null;
  }
}
