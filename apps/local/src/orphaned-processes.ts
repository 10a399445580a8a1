import { rmSync } from 'node:fs';
import { readJson, writeJson } from './atomic-file.ts';
import { endProcess, type Identity, identify, isStill } from './processes.ts';

/**
 * The children of a supervisor, recorded in a file. If it is killed, its children end automatically; this handles those
 * that did not: the next start ends them before it uses their ports and data.
 */
export type Children = Record<string, Identity>;

export function recordChildren(file: string, pids: Record<string, number>): void {
  const children: Children = {};
  for (const [name, pid] of Object.entries(pids)) {
    const identity = identify(pid);
    if (identity) children[name] = identity;
  }
  writeJson(file, children);
}

/** Ends orphaned children of a killed supervisor. @returns the names of those that still ran */
export async function endOrphanedProcesses(file: string): Promise<string[]> {
  const left = Object.entries(readJson<Children>(file) ?? {}).filter(([, identity]) => isStill(identity));
  const servers = new Set(['postgres', 'redis']);
  const end = async (some: typeof left) =>
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would let it wait for clients.
    Promise.all(
      some.map(([name, { pid }]) => endProcess(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM', 8_000)),
    );
  await end(left.filter(([name]) => !servers.has(name)));
  await end(left.filter(([name]) => servers.has(name)));
  rmSync(file, { force: true });
  return left.map(([name]) => name);
}
