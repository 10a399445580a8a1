import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { type KnownMetric, OTHER_METRICS, OWN_METRICS } from './known-metrics.ts';
import { parseQuery } from './promql.ts';

export const ROOT = path.join(import.meta.dirname, '../..');
export const PROMETHEUS = path.join(ROOT, 'deploy/prometheus');

export interface Alert {
  alert: string;
  expr: string;
  for?: string;
  labels: { severity: string };
  annotations: { summary: string; description: string; runbook_url: string };
}
export interface Recording {
  record: string;
  expr: string;
}

interface RuleFile {
  groups: { name: string; rules: (Alert | Recording)[] }[];
}
const file = parse(readFileSync(path.join(PROMETHEUS, 'alerts.yml'), 'utf8')) as RuleFile;
export const GROUPS: readonly string[] = file.groups.map(({ name }) => name);
const rules = file.groups.flatMap((group) => group.rules);

export const ALERTS: readonly Alert[] = rules.filter((rule): rule is Alert => 'alert' in rule);
export const RECORDINGS: readonly Recording[] = rules.filter((rule): rule is Recording => 'record' in rule);

/** `FailedDeliveryRate` becomes `failed-delivery-rate`: the name of its page in docs/runbooks. */
export const kebab = (name: string): string =>
  name.replaceAll(/(?<!^)([A-Z])/g, (letter) => `-${letter}`).toLowerCase();

/** What a recorded series carries: the labels by which its rule aggregates, at the outermost level. */
function recorded({ expr }: Recording): KnownMetric {
  const outermost = /^\w+\s+by\s/.test(expr.trim()) ? parseQuery(expr).groupings[0]!.labels : [];
  return { type: 'gauge', labels: outermost };
}

/** Every metric that a rule may read. */
export const METRICS_OF_RULES: Readonly<Record<string, KnownMetric>> = {
  ...OWN_METRICS,
  ...OTHER_METRICS,
  ...Object.fromEntries(RECORDINGS.map((rule) => [rule.record, recorded(rule)])),
};

/** The alerts that read a metric, directly or by a recorded series. */
export function alertsOn(metric: string): string[] {
  const reads = ({ expr }: { expr: string }): boolean =>
    parseQuery(expr).selectors.some((selector) => {
      const recording = RECORDINGS.find(({ record }) => record === selector.metric);
      return recording ? reads(recording) : selector.metric.replace(/_(bucket|sum|count)$/, '') === metric;
    });
  return ALERTS.filter(reads).map(({ alert }) => alert);
}
