import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { unpackFromApt } from '../apt-package.ts';
import { deadManSwitch } from '../dead-man-switch.ts';
import type { Running } from '../supervised.ts';

/** A Prometheus to start. */
export interface PrometheusBinary {
  program: string;
  /** Where the pages of the distribution's package are, if not in its usual place. */
  assets?: string;
}

/** A private Prometheus on 127.0.0.1 with the alerts of deploy/prometheus. */
export interface PrometheusOptions {
  binary: PrometheusBinary;
  /** Its configuration and its data. */
  dir: string;
  port: number;
  logFile: string;
  /** Job name to `host:port` of its processes. */
  targets: Readonly<Record<string, readonly string[]>>;
}

const ALERTS = path.join(import.meta.dirname, '../../../../deploy/prometheus/alerts.yml');
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * A `prometheus` on PATH, else that of the distribution's package unpacked into `cacheDir` (no root, nothing installed).
 *
 * @returns null where neither is to be had
 */
export function findPrometheus(cacheDir: string, say: (line: string) => void): PrometheusBinary | null {
  for (const place of (process.env.PATH ?? '').split(path.delimiter).filter(Boolean)) {
    const program = path.join(place, 'prometheus');
    if (existsSync(program)) return { program };
  }
  // With the packages that hold the scripts of its pages.
  const wanted = { name: 'prometheus', dependencies: true, title: 'Prometheus', complete: linkInstalled };
  const root = unpackFromApt(cacheDir, 'prometheus-with-pages', wanted, say);
  if (root === null) return null;
  return {
    program: path.join(root, 'usr/bin/prometheus'),
    assets: path.join(root, 'usr/share/prometheus/web'),
  };
}

/** Scripts of its pages that this machine has installed were not unpacked again. */
function linkInstalled(root: string): void {
  const [unpacked, installed] = [path.join(root, 'usr/share/javascript'), '/usr/share/javascript'];
  if (!existsSync(installed)) return;
  mkdirSync(unpacked, { recursive: true });
  for (const name of readdirSync(installed)) {
    const link = path.join(unpacked, name);
    if (!existsSync(link)) symlinkSync(path.join(installed, name), link);
  }
}

/** Starts it, and resolves when it is ready for queries. */
export async function startPrometheus(options: PrometheusOptions): Promise<Running> {
  const { binary, dir, port, logFile, targets } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const config = path.join(dir, 'prometheus.yml');
  writeFileSync(config, configuration(targets));
  const log = openSync(logFile, 'a', 0o600);
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(dir, 'data')}`,
    '--storage.tsdb.retention.time=1d',
    `--web.listen-address=127.0.0.1:${port}`,
    ...(binary.assets === undefined ? [] : [`--web.local-assets=${binary.assets}`]),
  ];
  // A separate process group, so that Ctrl-C reaches only the supervisor, which stops everything in order.
  const child = spawn(binary.program, args, {
    cwd: dir,
    env: {},
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(port))) {
    if (
      child.pid === undefined ||
      child.exitCode !== null ||
      child.signalCode !== null ||
      Date.now() > deadline
    ) {
      await stop();
      throw new Error(`Prometheus did not start on port ${port}; see ${logFile}`);
    }
    await pause(50);
  }
  void ended.then(deadManSwitch('kill -TERM "$0"', String(child.pid)));
  return { pid: child.pid!, ended, stop };
}

/** YAML is a superset of JSON. */
function configuration(targets: PrometheusOptions['targets']): string {
  return JSON.stringify(
    {
      global: { scrape_interval: '5s', evaluation_interval: '5s' },
      rule_files: [ALERTS],
      scrape_configs: Object.entries(targets).map(([job, at]) => ({
        job_name: job,
        static_configs: [{ targets: at }],
      })),
    },
    null,
    2,
  );
}

async function isReady(port: number): Promise<boolean> {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/-/ready`, { signal: AbortSignal.timeout(2000) });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
