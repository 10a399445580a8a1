import { freePort } from '@carillon/local/ports';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import type { Child } from '../cell/child.ts';
import type { Finding } from '../judge/rules.ts';
import type { EndlessLoad } from '../load/endless-load.ts';

export type Kind = 'api' | 'worker' | 'dashboard';

/** The processes of an installation of many machines, each of which can be replaced while the others work. */
export interface Nodes {
  /** Replaces one process after the other by a new one. @returns what did not end in order */
  rollOver(): Promise<Finding[]>;
  /** Where those of a kind listen now. */
  urls(kind: Kind): string[];
}

export interface NodeCounts {
  apis: number;
  workers: number;
  dashboards: number;
}

const DASHBOARD = ['apps/dashboard/server/main.ts'] as const;
const ROLES = 'deliver,relay,events,maintenance,campaigns';

interface Node {
  kind: Kind;
  name: string;
  url: string;
  child: Child;
}

/** @param env of all of them, beside what a cell sets */
export async function startNodes(
  cell: Cell,
  load: EndlessLoad,
  { apis, workers, dashboards }: NodeCounts,
  env: Readonly<Record<string, string>> = {},
): Promise<Nodes> {
  const nodes: Node[] = [];
  const urls = (kind: Kind) => nodes.filter((node) => node.kind === kind).map(({ url }) => url);

  const start = async (kind: Kind, name: string): Promise<Node> => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = launch(cell, kind, port, { ...env, API_URL: urls('api')[0] ?? url });
    await until(
      `${name} to be ready`,
      async () => {
        const answer = await fetch(`${url}/readyz`);
        if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
        return true;
      },
      { timeoutMs: 60_000, everyMs: 50 },
    );
    const node = { kind, name, url, child };
    nodes.push(node);
    if (kind === 'api') load.add(name, url);
    return node;
  };
  /** As an orchestrator does it: no new requests, then SIGTERM. */
  const stop = async (node: Node): Promise<Finding[]> => {
    if (node.kind === 'api') load.remove(node.name);
    nodes.splice(nodes.indexOf(node), 1);
    node.child.signal('SIGTERM');
    const { code, signal } = await node.child.ended;
    if (code === 0) return [];
    return [{ rule: 'wrong_state', id: node.name, why: `it ended with ${signal ?? code} at SIGTERM` }];
  };

  for (const [kind, count] of [
    ['api', apis],
    ['worker', workers],
    ['dashboard', dashboards],
  ] as const)
    await Promise.all(Array.from({ length: count }, (_, n) => start(kind, `${kind} ${n + 1}`)));
  return {
    urls,
    async rollOver() {
      const findings: Finding[] = [];
      for (const node of [...nodes]) {
        findings.push(...(await stop(node)));
        await start(node.kind, node.name);
      }
      return findings;
    },
  };
}

function launch(cell: Cell, kind: Kind, port: number, env: Record<string, string>): Child {
  if (kind === 'api') return cell.startApi(port, undefined, env);
  if (kind === 'worker')
    return cell.startWorker(undefined, { ...env, WORKER_PORT: String(port), WORKER_ROLES: ROLES });
  return cell.startApi(port, DASHBOARD, { ...env, DASHBOARD_PORT: String(port) });
}
