import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { fencedBlocks, page } from '../docs/pages.ts';
import { ALERTS, GROUPS, kebab, METRICS_OF_RULES, PROMETHEUS, RECORDINGS, ROOT } from './alert-rules.ts';
import { faultsOf, parseQuery } from './promql.ts';

const byName = ALERTS.map((alert) => [alert.alert, alert] as const);
const runbooks = readdirSync(path.join(ROOT, 'docs/runbooks'));

describe('every alert', () => {
  test('has a name of its own', () => {
    expect(new Set(byName.map(([name]) => name)).size).toBe(byName.length);
    expect(byName.length).toBeGreaterThanOrEqual(17);
  });

  test.each(byName)('%s asks for metrics that exist, by labels that they have', (_name, { expr }) => {
    expect(faultsOf(expr, METRICS_OF_RULES)).toEqual([]);
    expect(parseQuery(expr).selectors).not.toEqual([]);
  });

  test.each(byName)('%s says who is woken, what is wrong with which value, and what to do', (name, alert) => {
    expect(['page', 'ticket']).toContain(alert.labels.severity);
    expect(alert.for).toMatch(/^\d+m$/);
    expect(alert.annotations.summary).toMatch(/\S/);
    expect(alert.annotations.description).toContain('$value');
    expect(alert.annotations.runbook_url).toBe(`docs/runbooks/${kebab(name)}.md`);
    expect(existsSync(path.join(ROOT, alert.annotations.runbook_url))).toBe(true);
  });

  test.each(byName)('%s names only labels that its query keeps', (_name, { expr, annotations }) => {
    const { groupings, selectors, made } = parseQuery(expr);
    const kept = new Set([
      ...made,
      ...groupings.flatMap(({ labels }) => labels),
      ...selectors.flatMap(({ metric }) => METRICS_OF_RULES[metric]?.labels ?? []),
      ...(selectors.some(({ metric }) => metric === 'up') ? ['job', 'instance'] : []),
    ]);
    const named = [
      ...Object.values(annotations)
        .join(' ')
        .matchAll(/\$labels\.(\w+)/g),
    ].map(([, label]) => label);
    expect(named.filter((label) => !kept.has(label!))).toEqual([]);
  });

  test('is explained by the comment before it', () => {
    const lines = readFileSync(path.join(PROMETHEUS, 'alerts.yml'), 'utf8').split('\n');
    const bare = lines.flatMap((line, at) =>
      line.startsWith('      - alert:') && !lines[at - 1]!.startsWith('      # ') ? [line.trim()] : [],
    );
    expect(bare).toEqual([]);
  });
});

test.each(RECORDINGS.map((rule) => [rule.record, rule.expr] as const))(
  '%s records what exists',
  (name, expr) => {
    expect(name).toMatch(/^carillon:\w+:\w+$/);
    expect(faultsOf(expr, METRICS_OF_RULES)).toEqual([]);
    const users = [...ALERTS, ...RECORDINGS].filter((rule) => rule.expr.includes(name));
    expect(users).not.toEqual([]);
  },
);

describe('unit tests of promtool', () => {
  interface Case {
    alert_rule_test: { alertname: string; exp_alerts?: object[] }[];
  }
  interface TestFile {
    group_eval_order: string[];
    tests: Case[];
  }
  const files = readdirSync(path.join(PROMETHEUS, 'tests')).map(
    (file) => parse(readFileSync(path.join(PROMETHEUS, 'tests', file), 'utf8')) as TestFile,
  );
  const cases = files.flatMap(({ tests }) => tests);
  const asked = cases.flatMap((each) => each.alert_rule_test);

  test.each(byName)('show that %s fires, and that it does not', (name) => {
    const own = asked.filter(({ alertname }) => alertname === name);
    expect(own.some(({ exp_alerts = [] }) => exp_alerts.length > 0)).toBe(true);
    expect(own.some(({ exp_alerts = [] }) => exp_alerts.length === 0)).toBe(true);
  });

  test('record before they alert', () => {
    for (const { group_eval_order } of files) expect(group_eval_order).toEqual(GROUPS);
  });

  test('ask for no alert that is not there', () => {
    const known = new Set(byName.map(([name]) => name));
    expect(asked.filter(({ alertname }) => !known.has(alertname))).toEqual([]);
  });
});

describe('docs/runbooks', () => {
  test('has one page for each alert, and no other', () => {
    expect(runbooks.toSorted()).toEqual(byName.map(([name]) => `${kebab(name)}.md`).sort());
  });

  test.each(runbooks)('%s has the parts of every runbook, in their order', (file) => {
    const headings = page(`docs/runbooks/${file}`).text.match(/^#+ .+$/gm) ?? [];
    const [title, ...parts] = headings;
    expect(byName.map(([name]) => `# ${name}`)).toContain(title);
    expect(kebab(title!.slice(2))).toBe(file.replace('.md', ''));
    expect(parts).toEqual([
      '## First look',
      '## Likely causes',
      '## What to do',
      '## How it ends',
      '## How to test it',
    ]);
  });

  test.each(runbooks)('%s asks Prometheus for what exists', (file) => {
    const queries = fencedBlocks(page(`docs/runbooks/${file}`)).filter(
      ({ language }) => language === 'promql',
    );
    expect(queries).not.toEqual([]);
    const lines = queries.flatMap(({ text }) => text.trim().split('\n'));
    expect(lines.flatMap((query) => faultsOf(query, METRICS_OF_RULES))).toEqual([]);
  });

  test.each(runbooks)('%s only reads from the database', (file) => {
    const statements = fencedBlocks(page(`docs/runbooks/${file}`)).filter(
      ({ language }) => language === 'sql',
    );
    for (const { text } of statements) expect(text).toMatch(/^(select|with)\b[^;]*$/);
  });
});
