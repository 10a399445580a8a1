import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ALERTS, PROMETHEUS, ROOT } from './alert-rules.ts';
import { findPromtool, promtool } from './promtool.ts';

const found = findPromtool();
const program = 'program' in found ? found.program : '';
if ('missing' in found) console.warn(`deploy/prometheus is not checked by promtool: ${found.missing}`);

/** A copy, so that the file with the token that prometheus.yml names can be there. */
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'carillon-promtool-'));
  cpSync(PROMETHEUS, dir, { recursive: true });
  writeFileSync(path.join(dir, 'metrics-token'), 'x');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe.skipIf('missing' in found)('promtool, from the distribution', () => {
  test('accepts the rules and the configuration', () => {
    expect(promtool(program, ['check', 'rules', '--lint-fatal', 'alerts.yml'], dir)).toMatchObject({
      status: 0,
    });
    const config = promtool(program, ['check', 'config', 'prometheus.yml'], dir);
    expect(config).toMatchObject({ status: 0, output: expect.stringContaining('1 rule files found') });
  });

  test.each(readdirSync(path.join(PROMETHEUS, 'tests')))('passes the unit tests of %s', (file) => {
    const { status, output } = promtool(program, ['test', 'rules', file], path.join(dir, 'tests'));
    expect(output).not.toContain('FAILED');
    expect(status).toBe(0);
  });

  test.each([
    ['a bound ten times as high', 'delivery.yml', '> 0.005', '> 0.05'],
    ['a bound ten times as high', 'lanes.yml', '> 100000', '> 1000000'],
    [
      'a bound that is never 0',
      'guarantees.yml',
      '(carillon_stuck_notifications) > 0',
      '(carillon_stuck_notifications) > 2',
    ],
    [
      'a wait of half an hour',
      'servers.yml',
      "for: 1m\n        labels: { severity: page }\n        annotations:\n          summary: 'Redis",
      "for: 30m\n        labels: { severity: page }\n        annotations:\n          summary: 'Redis",
    ],
    ['another severity', 'programs.yml', 'severity: page', 'severity: ticket'],
  ])('would notice %s (%s)', (_what, file, now, then) => {
    const rules = readFileSync(path.join(PROMETHEUS, 'alerts.yml'), 'utf8');
    expect(rules).toContain(now);
    writeFileSync(path.join(dir, 'alerts.yml'), rules.replaceAll(now, then));
    expect(promtool(program, ['test', 'rules', file], path.join(dir, 'tests'))).toMatchObject({ status: 1 });
    writeFileSync(path.join(dir, 'alerts.yml'), rules);
  });

  test('knows every query of the dashboards, with its types', () => {
    const dashboards = path.join(ROOT, 'deploy/grafana/dashboards');
    const queries = readdirSync(dashboards).flatMap((file) => {
      const { panels } = JSON.parse(readFileSync(path.join(dashboards, file), 'utf8')) as {
        panels: { targets?: { expr: string }[] }[];
      };
      return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    });
    expect(queries.length).toBeGreaterThan(ALERTS.length);
    const rules = queries.map((expr, at) => ({
      record: `query:${at}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    writeFileSync(path.join(dir, 'queries.yml'), stringify({ groups: [{ name: 'dashboards', rules }] }));
    expect(promtool(program, ['check', 'rules', 'queries.yml'], dir)).toMatchObject({ status: 0 });
  });
});
