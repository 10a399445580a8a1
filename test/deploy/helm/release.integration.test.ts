import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../support/database.ts';
import { CHART, findHelm } from './helm.ts';
import { kubernetesStandIn, type StandIn } from './kubernetes-stand-in.ts';
import { VALUE_SETS } from './objects.ts';

/**
 * In which order helm itself applies the chart: against a stand-in for the API server, because no cluster is here. helm
 * keeps its releases in the tests' PostgreSQL.
 */
const found = findHelm();
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-release-'));
const [, values] = VALUE_SETS.find(([name]) => name === 'minimal')!;
const MIGRATION = 'Job shop-carillon-migration';
const SETTINGS = 'ConfigMap shop-carillon-settings';
const API = 'Deployment shop-carillon-api';

let cluster: StandIn;
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  cluster = await kubernetesStandIn();
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'stand-in', cluster: { server: cluster.url } }],
    users: [{ name: 'nobody', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'stand-in', user: 'nobody', namespace: 'acme' } }],
    'current-context': 'test',
  };
  writeFileSync(path.join(dir, 'kubeconfig'), JSON.stringify(config));
});
afterAll(async () => {
  cluster?.stop();
  await database?.drop();
  rmSync(dir, { recursive: true, force: true });
});

/** Runs helm to its end. @returns what it changed in the cluster, its exit code, and what it wrote */
async function helm(...args: string[]) {
  cluster.changes.length = 0;
  const home = Object.fromEntries(
    ['CACHE', 'CONFIG', 'DATA'].map((each) => [`HELM_${each}_HOME`, path.join(dir, each)]),
  );
  const releases = new URL(database.url);
  releases.searchParams.set('sslmode', 'disable');
  const env = {
    ...process.env,
    ...home,
    KUBECONFIG: path.join(dir, 'kubeconfig'),
    HELM_DRIVER: 'sql',
    HELM_DRIVER_SQL_CONNECTION_STRING: releases.href,
  };
  const child = spawn('program' in found ? found.program : '', [...args, '--namespace', 'acme'], { env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, output, changes: [...cluster.changes] };
}
const OPTIONS = ['--values', values, '--timeout', '30s'];
const release = (verb: 'install' | 'upgrade', ...args: string[]) =>
  helm(verb, 'shop', CHART, ...OPTIONS, ...args);

describe.skipIf('missing' in found)('helm', () => {
  test('migrates before it makes anything else, and leaves no Job behind', async () => {
    cluster.jobsEnd('Complete');
    const { code, output, changes } = await release('install');
    expect(code, output).toBe(0);
    expect(changes[0]).toBe(`create ${MIGRATION}`);
    expect(changes.indexOf(`delete ${MIGRATION}`)).toBe(1);
    expect(changes).toContain(`create ${SETTINGS}`);
    expect(changes).toContain(`create ${API}`);
  });

  test('changes nothing of the release before when the migration fails, and keeps the Job with its log', async () => {
    cluster.jobsEnd('Failed');
    const { code, output, changes } = await release('upgrade', '--set', 'settings.RETENTION_DAYS=7');
    expect(code).not.toBe(0);
    expect(output).toMatch(/pre-upgrade hooks failed/);
    expect(changes).toEqual([`create ${MIGRATION}`]);
  });

  test('repeats the migration with the next upgrade, and then changes over', async () => {
    cluster.jobsEnd('Complete');
    const { code, output, changes } = await release('upgrade', '--set', 'settings.RETENTION_DAYS=7');
    expect(code, output).toBe(0);
    expect(changes.slice(0, 3)).toEqual([
      `delete ${MIGRATION}`,
      `create ${MIGRATION}`,
      `delete ${MIGRATION}`,
    ]);
    expect(changes).toContain(`change ${SETTINGS}`);
    expect(changes).toContain(`change ${API}`);
  });

  test('goes back without a migration', async () => {
    const { code, output, changes } = await helm('rollback', 'shop', '1');
    expect(code, output).toBe(0);
    expect(changes.filter((each) => each.includes('Job'))).toEqual([]);
    expect(changes).toContain(`change ${SETTINGS}`);
  });
});
