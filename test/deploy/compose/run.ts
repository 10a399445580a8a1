import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@carillon/local/ports';
import { until } from '../../support/until.ts';
import { ROOT } from '../alert-rules.ts';
import { COMPOSE, interpolate } from './file.ts';
import type { ImageTree } from './image-tree.ts';

/**
 * Services of docker-compose.yml without containers: the command, the environment and the health check of the file, in the
 * files of the image. Other than there are only addresses (a port of this machine in the place of each port of a service)
 * and what is said of the two servers.
 *
 * As root on Linux each program is confined to the files of the image and runs as the account of the image, which owns
 * none of them. Elsewhere it runs as the account of the test.
 */
export interface ComposeRun {
  /** The port of this machine that stands for a port of a service. */
  port(service: string, port: number): number;
  start(service: string): RunningService;
  /** A command in the container of a service, as by `docker compose exec`. */
  exec(service: string, ...command: string[]): { status: number | null; stdout: string; stderr: string };
  /** Puts a file of the checkout where `configs` of a service wants it. */
  config(source: string, file: string): void;
}

export interface RunningService {
  /** All that it wrote. */
  output(): string;
  exit: Promise<number | null>;
  /** Asks as the file says until it is well. @throws with its output if it ends */
  healthy(): Promise<void>;
  /** SIGTERM. @returns what it exited with; null if it took longer than the file allows */
  stop(): Promise<number | null>;
}

const CHROOT = ['/usr/sbin/chroot', '/usr/bin/chroot'].find((file) => existsSync(file));
export const IS_CONFINED = process.platform === 'linux' && process.getuid?.() === 0 && CHROOT !== undefined;
/** The account `node` of the image. */
const UID = 1000;

/** What the image itself sets. */
const IMAGE_ENV = Object.fromEntries(
  [
    ...readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8')
      .split('\nFROM scratch\n')[1]!
      .matchAll(/^ENV (.*)$/gm),
  ]
    .flatMap(([, pairs]) => [...pairs!.matchAll(/(\w+)=("[^"]*"|\S+)/g)])
    .map(([, name, value]) => [name!, value!.replaceAll('"', '')]),
);

/**
 * @param env what stands in `.env`
 * @param servers URLs in the place of those that the file makes
 */
export async function composeRun(
  tree: ImageTree,
  env: Readonly<Record<string, string>>,
  servers: Readonly<Record<'DATABASE_URL' | 'REDIS_URL', string>>,
): Promise<ComposeRun> {
  const app = path.join(tree.root, 'app');
  const ports = new Map<string, number>();
  for (const [name, { environment = {} }] of Object.entries(COMPOSE.services)) {
    for (const [key, value] of Object.entries(environment)) {
      if (/_PORT$/.test(key))
        ports.set(
          `${name}:${value}`,
          await freePort(undefined, (port) => ![...ports.values()].includes(port)),
        );
    }
  }
  const port = (service: string, at: number): number => ports.get(`${service}:${at}`)!;
  /** Addresses of services in a text, as they are on this machine. */
  const here = (text: string): string =>
    [...ports].reduce((all, [address, at]) => all.replaceAll(`//${address}`, `//127.0.0.1:${at}`), text);

  const environmentOf = (service: string): Record<string, string> => {
    const given = Object.entries(COMPOSE.services[service]!.environment ?? {}).map(([key, value]) => [
      key,
      key in servers
        ? servers[key as keyof typeof servers]
        : String(ports.get(`${service}:${value}`) ?? here(interpolate(String(value), env))),
    ]);
    return { ...IMAGE_ENV, ...Object.fromEntries(given) };
  };
  /** The simulator is an image of its own and no part of production: it runs from the checkout. */
  const isConfined = (service: string) => IS_CONFINED && service !== 'simulator';
  /** In the image's files as its account; elsewhere with the Node of the tests. */
  const confined = (service: string, command: string[]): [string, string[]] =>
    isConfined(service)
      ? [
          CHROOT!,
          [`--userspec=${UID}:${UID}`, `--groups=${UID}`, tree.root, 'env', '--chdir=/app', ...command],
        ]
      : [command[0]!, command.slice(1)];
  const options = (service: string) => {
    const set = environmentOf(service);
    if (isConfined(service)) return { env: set };
    const files = (text: string) =>
      text
        .replaceAll('/app/', `${app}/`)
        .replace(/^\/(etc\/|data$)/, (_, place: string) => `${tree.root}/${place}`);
    const own = Object.fromEntries(Object.entries(set).map(([key, value]) => [key, files(value)]));
    const bin = [path.join(app, 'apps/admin/bin'), path.dirname(process.execPath), process.env.PATH].join(
      ':',
    );
    return { cwd: service === 'simulator' ? ROOT : app, env: { ...own, PATH: bin } };
  };

  const exec: ComposeRun['exec'] = (service, ...command) => {
    const [program, args] = confined(service, command);
    return spawnSync(program, args, { ...options(service), encoding: 'utf8' });
  };
  return {
    port,
    exec,
    config: (source, file) => {
      const target = Object.values(COMPOSE.services)
        .flatMap(({ configs = [] }) => configs)
        .find((each) => each.source === source)!.target;
      const place = path.join(tree.root, target);
      mkdirSync(path.dirname(place), { recursive: true });
      const addressed = here(readFileSync(path.join(ROOT, file), 'utf8'));
      // Accounts of SMTP have host and port apart.
      const text = addressed.replaceAll(/"host": "([\w-]+)",(\s+)"port": (\d+)/g, (_, host, space, at) => {
        return `"host": "127.0.0.1",${space}"port": ${port(host as string, Number(at))}`;
      });
      writeFileSync(place, text);
    },
    start: (service) => {
      const { command, healthcheck, stop_grace_period = '10s' } = COMPOSE.services[service]!;
      const [program, args] = confined(service, command!);
      const child = spawn(program, args, { ...options(service), stdio: ['ignore', 'pipe', 'pipe'] });
      return running(service, child, Number.parseInt(stop_grace_period, 10), () => {
        const test = healthcheck!.test
          .slice(1)
          .map((part) =>
            part.replaceAll(
              /127\.0\.0\.1:(\d+)/g,
              (_, at: string) => `127.0.0.1:${port(service, Number(at))}`,
            ),
          );
        return exec(service, ...test).status === 0;
      });
    },
  };
}

function running(
  service: string,
  child: ChildProcess,
  graceSeconds: number,
  isHealthy: () => boolean,
): RunningService {
  let output = '';
  child.stdout!.on('data', (chunk) => (output += chunk));
  child.stderr!.on('data', (chunk) => (output += chunk));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  return {
    output: () => output,
    exit,
    healthy: async () => {
      const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
      const answer = await until(`${service} to be healthy`, () => isHealthy() || hasEnded(), {
        timeoutMs: 60_000,
        everyMs: 200,
      }).catch((error: Error) => {
        throw new Error(`${error.message}\n${output}`);
      });
      if (!answer || hasEnded()) throw new Error(`${service} ended:\n${output}`);
    },
    stop: async () => {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), graceSeconds * 1000);
      const code = await exit;
      clearTimeout(late);
      return code;
    },
  };
}
