import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { configSchema } from '@carillon/worker/config';
import { deliveredBy, ROLES } from '@carillon/worker/roles';
import { describe, expect, test } from 'vitest';

/** The units of docs/production.md: nothing here can start them, so what they name is looked up. */
const ROOT = path.join(import.meta.dirname, '../..');
const FOLDER = path.join(ROOT, 'deploy/systemd');
const names = readdirSync(FOLDER);
const page = readFileSync(path.join(ROOT, 'docs/production.md'), 'utf8');

const texts = new Map(names.map((name) => [name, readFileSync(path.join(FOLDER, name), 'utf8')]));
const settings = (name: string, key: string): string[] =>
  texts
    .get(name)!
    .split('\n')
    .flatMap((line) => (line.startsWith(`${key}=`) ? [line.slice(key.length + 1)] : []));
const variables = (name: string): Record<string, string> =>
  Object.fromEntries(
    settings(name, 'Environment')
      .flatMap((line) => line.split(' '))
      .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
const workers = names.filter((name) => name.includes('worker'));

describe.each(names)('%s', (name) => {
  test('runs a program of this release, with the Node and the module hook of this release', () => {
    const [node, script] = settings(name, 'ExecStart')[0]!.split(' ');
    const hook = variables(name).NODE_OPTIONS!.replace('--import=', '');
    expect(node).toBe('/opt/carillon/node_modules/.bin/node');
    expect(existsSync(path.join(ROOT, script!))).toBe(true);
    expect(existsSync(hook.replace('/opt/carillon', ROOT))).toBe(true);
  });

  test('runs in production mode as an unprivileged account, and is restarted whenever it ends', () => {
    expect(variables(name).NODE_ENV).toBe('production');
    expect(settings(name, 'User')).toEqual(['carillon']);
    expect(settings(name, 'Restart')).toEqual(['always']);
    expect(settings(name, 'StartLimitIntervalSec')).toEqual(['0']);
  });

  test('is started by the page', () => {
    expect(page).toContain(name.replace('.service', ''));
  });
});

test('every lane has a worker, critical ones have one alone, and no two share a port', () => {
  const roles = workers.map((name) => configSchema.shape.WORKER_ROLES.parse(variables(name).WORKER_ROLES));
  expect(new Set(roles.flat())).toEqual(new Set(ROLES));
  expect(roles.map(deliveredBy)).toContainEqual(['critical']);
  const ports = workers.map((name) => variables(name).WORKER_PORT);
  expect(new Set(ports).size).toBe(workers.length);
});

test('a worker is given longer to stop than it drains', () => {
  const drainSeconds = configSchema.shape.WORKER_DRAIN_SECONDS.parse(undefined);
  for (const name of workers)
    expect(Number(settings(name, 'TimeoutStopSec')[0])).toBeGreaterThanOrEqual(Number(drainSeconds) + 5);
});
