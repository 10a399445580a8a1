import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ROOT } from './alert-rules.ts';
import { type KnownMetric, OTHER_METRICS, OWN_METRICS, SCRAPED_LABELS } from './known-metrics.ts';
import { faultsOf, lookUp, parseQuery } from './promql.ts';

const GRAFANA = path.join(ROOT, 'deploy/grafana');
const KNOWN: Readonly<Record<string, KnownMetric>> = { ...OWN_METRICS, ...OTHER_METRICS };

interface Source {
  type: string;
  uid: string;
}
interface Panel {
  id: number;
  type: string;
  title: string;
  description?: string;
  datasource?: Source;
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { expr: string; refId: string; legendFormat: string; datasource: Source }[];
  fieldConfig?: { defaults: { unit?: string; thresholds?: { steps: { value: number | null }[] } } };
}
interface Variable {
  name: string;
  label: string;
  type: string;
  definition?: string;
  query: string | { query: string };
}
interface Dashboard {
  uid: string;
  title: string;
  description: string;
  schemaVersion: number;
  templating: { list: Variable[] };
  panels: Panel[];
}

const files = readdirSync(path.join(GRAFANA, 'dashboards'));
const dashboards = files.map((file) => {
  const text = readFileSync(path.join(GRAFANA, 'dashboards', file), 'utf8');
  return { file, text, dashboard: JSON.parse(text) as Dashboard };
});
const panels = dashboards.flatMap(({ file, dashboard }) =>
  dashboard.panels.filter(({ type }) => type !== 'row').map((panel) => ({ file, ...panel })),
);
const queries = panels.flatMap(({ file, title, targets = [] }) =>
  targets.map((target) => ({ file, title, ...target })),
);
/** As Prometheus gets it: variables of Grafana stand inside strings, except those of time. */
const sent = (expr: string): string => expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h');

test('the dashboards of an operator are there', () => {
  expect(files.toSorted()).toEqual([
    'delivery.json',
    'guarantees.json',
    'lanes.json',
    'overview.json',
    'providers.json',
  ]);
});

describe.each(dashboards)('$file', ({ file, text, dashboard }) => {
  test('can be provisioned: a stable uid, no id of another installation, a known schema', () => {
    expect(dashboard).toMatchObject({ uid: `carillon-${path.parse(file).name}`, id: null });
    expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
    expect(dashboard.title).toMatch(/^Carillon \/ \w+$/);
    expect(dashboard.description).toMatch(/\S/);
    expect(text).not.toContain('__inputs');
  });

  test('takes its data from the source that the reader chooses', () => {
    expect(dashboard.templating.list[0]).toMatchObject({
      name: 'datasource',
      type: 'datasource',
      query: 'prometheus',
    });
    const uids = [...text.matchAll(/"uid": "([^"]+)"/g)]
      .map(([, uid]) => uid)
      .filter((uid) => uid !== dashboard.uid);
    expect(new Set(uids)).toEqual(new Set(['$' + '{datasource}']));
  });

  test('has panels that do not overlap, each with an id of its own', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) => {
      expect(x + w).toBeLessThanOrEqual(24);
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
    });
    expect(new Set(cells).size).toBe(cells.length);
  });

  test('uses each of its variables, and no other', () => {
    const names = dashboard.templating.list.map(({ name }) => name);
    const expressions = dashboard.panels
      .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
      .join('\n');
    const used = [...expressions.matchAll(/\$(?!__)(\w+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(names.filter((name) => name !== 'datasource')));
  });

  test('fills its variables from metrics that exist', () => {
    for (const { definition, query, type } of dashboard.templating.list.filter(
      ({ type }) => type === 'query',
    )) {
      expect(type === 'query' && typeof query === 'object' && query.query).toBe(definition);
      const [, metric, label] =
        /^(?:label_values|query_result)\((\w+)(?:, (\w+))?\)$/.exec(definition!) ?? [];
      expect(OWN_METRICS).toHaveProperty([metric!]);
      if (label) expect(OWN_METRICS[metric!]!.labels).toContain(label);
    }
  });
});

test.each(panels)('$file: "$title" says what it shows, in which unit, from where on it is bad', (panel) => {
  expect(panel.title).toMatch(/\S/);
  expect(panel.description).toMatch(/\.$/);
  expect(panel.fieldConfig?.defaults.unit).toMatch(/\S/);
  expect(panel.fieldConfig?.defaults.thresholds?.steps[0]).toMatchObject({ value: null });
  expect(panel.targets?.length).toBeGreaterThan(0);
});

test.each(queries)(
  '$file: "$title" $refId asks for metrics that exist, by labels that they have',
  ({ expr }) => {
    expect(faultsOf(sent(expr), KNOWN)).toEqual([]);
    expect(parseQuery(sent(expr)).selectors).not.toEqual([]);
  },
);

test.each(queries)(
  '$file: "$title" $refId names its lines by labels that they keep',
  ({ expr, legendFormat }) => {
    const { groupings, selectors } = parseQuery(sent(expr));
    const plain = selectors.flatMap(({ metric }) => [
      ...(lookUp(metric, KNOWN)?.labels ?? []),
      ...SCRAPED_LABELS,
    ]);
    const kept =
      groupings.length > 0
        ? groupings.flatMap(({ labels }) => labels)
        : /^(\w+\()*(sum|max|min|count)\(/.test(expr)
          ? []
          : plain;
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label!);
    expect(named.filter((label) => !kept.includes(label))).toEqual([]);
  },
);

test('every metric of the programs is on some dashboard', () => {
  const shown = queries.flatMap(({ expr }) => parseQuery(sent(expr)).selectors.map(({ metric }) => metric));
  const missing = Object.keys(OWN_METRICS).filter(
    (name) => !shown.some((metric) => lookUp(metric, { [name]: OWN_METRICS[name]! })),
  );
  expect(missing).toEqual([]);
});

describe('provisioning', () => {
  interface Sources {
    datasources: { name: string; uid: string; type: string; url: string; isDefault?: boolean }[];
  }
  const read = (file: string) => parse(readFileSync(path.join(GRAFANA, 'provisioning', file), 'utf8'));

  test('has the source that the dashboards choose at first', () => {
    const { datasources } = read('datasources/carillon.yaml') as Sources;
    const chosen = dashboards.map(({ dashboard }) => JSON.stringify(dashboard.templating.list[0]));
    const standard = datasources.find(({ isDefault }) => isDefault);
    expect(standard).toMatchObject({ type: 'prometheus', name: 'Prometheus' });
    for (const each of chosen) expect(each).toContain(standard!.uid);
  });

  test('scrapes as often as Grafana assumes', () => {
    const { datasources } = read('datasources/carillon.yaml') as {
      datasources: { jsonData?: { timeInterval: string } }[];
    };
    const { global } = parse(readFileSync(path.join(ROOT, 'deploy/prometheus/prometheus.yml'), 'utf8')) as {
      global: { scrape_interval: string };
    };
    expect(datasources[0]?.jsonData?.timeInterval).toBe(global.scrape_interval);
  });
});
