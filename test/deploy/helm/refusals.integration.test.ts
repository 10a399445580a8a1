import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fencedBlocks, page } from '../../docs/pages.ts';
import { CHART, findHelm, helmAt } from './helm.ts';
import { VALUE_SETS } from './objects.ts';

/** Wrong values: refused before anything is installed, all of them at once, each with its place. */
const found = findHelm();
const helm = helmAt('program' in found ? found.program : '');
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-values-'));
afterAll(() => {
  helm.close();
  rmSync(dir, { recursive: true, force: true });
});
const [, minimal] = VALUE_SETS.find(([name]) => name === 'minimal')!;

/** What helm says to the minimal values with these over them; null if it takes them. */
function refusal(values: object, ...files: string[]): string | null {
  const file = path.join(dir, 'values.json');
  writeFileSync(file, JSON.stringify(values));
  const { status, output } = helm.run(
    'template',
    'shop',
    CHART,
    ...files.flatMap((each) => ['-f', each]),
    '-f',
    file,
  );
  return status === 0 ? null : output;
}
const refused = (values: object) => refusal(values, minimal);
const problems = (output: string | null): string[] => output?.match(/^ {2}- .*$/gm) ?? [];

describe.skipIf('missing' in found)('values of the chart', () => {
  test('that have no default are asked for, all at once', () => {
    const said = problems(refusal({}));
    expect(said.map((line) => line.slice(4).split(' ')[0])).toEqual([
      'image.repository',
      'existingSecret',
      'existingSecret',
      'existingSecret',
      'settings.DASHBOARD_URL',
      'settings.PUBLIC_BASE_URL',
    ]);
    expect(said.join()).toContain('name a Secret with the key ENCRYPTION_KEYS');
  });

  test('of a wrong name, type or bound are refused together', () => {
    const said = refused({
      image: { repositroy: 'x', pullPolicy: 'Sometimes' },
      settings: { RETENTION_DAYS: 0, DATABASE_URL: 'postgres://a:b@c/d', WORKER_PRIORITIES: 'bulk' },
      api: { replicas: 'two' },
      workers: { bulk: { roles: ['deliver:slow'] }, Upper: { roles: ['events'] } },
      metrics: { serviceMonitor: { interval: 15 } },
    });
    for (const part of [
      "'repositroy'",
      '/image/pullPolicy',
      '/settings/RETENTION_DAYS',
      "'DATABASE_URL'",
      "'WORKER_PRIORITIES'",
      '/api/replicas',
      '/workers/bulk/roles/0',
      "'Upper'",
      '/metrics/serviceMonitor/interval',
    ]) {
      expect(said).toContain(part);
    }
  });

  test('that do not go together are refused together, each with a remedy', () => {
    const said = problems(
      refused({
        settings: { PUBLIC_BASE_URL: 'http://notify.acme.example', SEND_TIMEOUT_MS: 20_000 },
        api: { autoscaling: { enabled: true, minReplicas: 5, maxReplicas: 2 } },
        workers: {
          general: {
            roles: ['deliver:normal', 'relay:normal'],
            autoscaling: { enabled: true, minReplicas: 9 },
          },
          relay: { roles: ['relay:bulk'], autoscaling: { enabled: true } },
        },
      }),
    );
    expect(said).toEqual(
      [
        /settings\.PUBLIC_BASE_URL is http:.* Use https/,
        /api\.autoscaling: minReplicas 5 is more than maxReplicas 2/,
        /workers\.bulk: SEND_TIMEOUT_MS 20000 is not less than WORKER_DRAIN_SECONDS 20/,
        /workers\.critical: SEND_TIMEOUT_MS 20000/,
        /workers\.general\.autoscaling: minReplicas 9 is more than maxReplicas 5/,
        /workers\.general\.autoscaling needs autoscaling\.prometheus\.serverAddress/,
        /workers\.general: SEND_TIMEOUT_MS 20000/,
        /workers\.relay\.autoscaling: only lanes are measured/,
        /workers\.relay\.autoscaling needs autoscaling\.prometheus\.serverAddress/,
        /workers\.relay: SEND_TIMEOUT_MS 20000/,
        /no worker has the role events: add it/,
        /no worker has the role campaigns: add it/,
      ].map((pattern) => expect.stringMatching(pattern)),
    );
  });

  test('that leave a role without a worker name each of them', () => {
    const said = problems(
      refused({ workers: { critical: { enabled: false }, general: { enabled: false } } }),
    );
    expect(said.map((line) => /the role (\S+):/.exec(line)?.[1])).toEqual(
      [
        'deliver:critical:',
        'deliver:normal:',
        'relay:critical:',
        'relay:normal:',
        'events:',
        'maintenance:',
        'campaigns:',
      ].map((role) => role.slice(0, -1)),
    );
  });

  test('may give a worker all roles of a kind at once, and take every secret from another place', () => {
    const all = ['deliver', 'relay', 'events', 'maintenance', 'campaigns'];
    const none = { critical: null, general: null, bulk: null };
    expect(refused({ workers: { ...none, all: { roles: all } } })).toBeNull();
    const elsewhere = { name: 'vault', key: 'value' };
    const refs = { DATABASE_URL: elsewhere, REDIS_URL: elsewhere, ENCRYPTION_KEYS: elsewhere };
    expect(refused({ existingSecret: '', secretRefs: refs })).toBeNull();
  });

  test('of the page about Kubernetes are accepted', () => {
    const examples = fencedBlocks(page('docs/kubernetes.md')).filter(({ language }) => language === 'yaml');
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const { text } of examples) expect(refused(parse(text) as object), text).toBeNull();
  });

  test('allow a public address without TLS by name, as production does', () => {
    const settings = { PUBLIC_BASE_URL: 'http://notify', PRODUCTION_ALLOWS: 'http-public-url' };
    expect(refused({ settings })).toBeNull();
  });
});

describe.skipIf('missing' in found)('what helm says after an installation', () => {
  const notes = (file: string) => {
    const { status, output } = helm.run(
      'install',
      'shop',
      CHART,
      '--dry-run=client',
      '--namespace',
      'acme',
      '-f',
      file,
    );
    expect(status, output).toBe(0);
    return output.slice(output.indexOf('NOTES:'));
  };

  test('leads to the first account and names what is not set up', () => {
    const text = notes(minimal);
    expect(text).toContain('exec deploy/shop-carillon-api -- carillon-admin init');
    expect(text).toContain('carillon-admin provider add');
    expect(text).toContain('Nothing is scraped');
    expect(text).toContain('port-forward service/shop-carillon-dashboard 3001');
    expect(text).not.toMatch(/\n{3}|<no value>|%!/);
  });

  test('knows what is set up already', () => {
    const text = notes(VALUE_SETS.find(([name]) => name === 'everything')![1]);
    expect(text).toContain('provider accounts of accounts');
    expect(text).toContain('PostgreSQL at port 25060');
    expect(text).toContain('api: https://notify.acme.internal');
    expect(text).not.toMatch(/Nothing is scraped|<no value>|%!/);
  });
});
