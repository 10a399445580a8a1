import { readFileSync } from 'node:fs';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricRow, Program } from './row.ts';
import { type LabelsOf, type MetricName, metricsOf, type NameOf } from './table.ts';

export interface CounterOf<Name extends MetricName> {
  /** @param by at least 0; default 1. */
  inc(labels: LabelsOf<Name>, by?: number): void;
  /** One set of labels, resolved once: for what is counted with every message. */
  series(labels: LabelsOf<Name>): { inc(by?: number): void };
}

export interface HistogramOf<Name extends MetricName> {
  /** @param value in the unit of the metric's name. */
  observe(labels: LabelsOf<Name>, value: number): void;
}

export interface GaugeOf<Name extends MetricName> {
  set(labels: LabelsOf<Name>, value: number): void;
  /** Forgets all values: the metric is absent until one is set again. */
  clear(): void;
}

/** One sample that is read when the metrics are. */
export interface Sample<Name extends MetricName> {
  labels: LabelsOf<Name>;
  value: number;
}

/** The metrics of one program: all that the table gives it, and no other. */
export interface ProgramMetrics<P extends Program> {
  registry: Registry;
  counter<Name extends NameOf<P, 'counter'>>(name: Name): CounterOf<Name>;
  histogram<Name extends NameOf<P, 'histogram'>>(name: Name): HistogramOf<Name>;
  gauge<Name extends NameOf<P, 'gauge'>>(name: Name): GaugeOf<Name>;
  /**
   * Takes all samples of a counter or gauge from a function whenever the metrics are read, for values that exist
   * elsewhere in the process. It must be quick and must not query a server. A second function replaces the first.
   */
  readBy<Name extends NameOf<P, 'counter' | 'gauge'>>(name: Name, read: () => readonly Sample<Name>[]): void;
}

/** @returns the metrics of the program in a registry of their own, together with those of the Node process. */
export function createProgramMetrics<P extends Program>(program: P): ProgramMetrics<P> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const made = new Map(metricsOf(program).map(([name, row]) => [name, make(registry, name, row)]));
  const of = (name: MetricName): Made => {
    const metric = made.get(name);
    if (!metric)
      throw new Error(`${name} is not a metric of ${program}; add the program to its row in the table`);
    return metric;
  };
  const metrics: ProgramMetrics<P> = {
    registry,
    counter: (name) => ({ inc: of(name).add, series: of(name).series }),
    histogram: (name) => ({ observe: of(name).add }),
    gauge: (name) => ({ set: of(name).set, clear: of(name).clear }),
    readBy: (name, read) => {
      of(name).read = read as () => readonly AnySample[];
    },
  };
  of('carillon_build_info').set({ version: releaseVersion(), node: process.version }, 1);
  return metrics;
}

type Labels = Readonly<Record<string, string>>;
type AnySample = { labels: Labels; value: number };

interface Made {
  add(labels: Labels, value?: number): void;
  series(labels: Labels): { inc(by?: number): void };
  set(labels: Labels, value: number): void;
  clear(): void;
  read: (() => readonly AnySample[]) | null;
}

function make(registry: Registry, name: string, { type, labels, help, buckets }: MetricRow): Made {
  const labelNames = [...labels];
  const base = { name, help, labelNames, registers: [registry] };
  const made: Made = {
    add: () => {},
    series: () => ({ inc: () => {} }),
    set: () => {},
    clear: () => {},
    read: null,
  };
  if (type === 'histogram') {
    const histogram = new Histogram({ ...base, buckets: [...(buckets ?? [])] });
    const series = seriesBy(labelNames, (each) => histogram.labels(each));
    made.add = (each, value = 0) => series(each).observe(value);
    return made;
  }
  if (type === 'gauge') {
    const gauge = new Gauge({
      ...base,
      collect() {
        if (!made.read) return;
        made.clear();
        for (const { labels: each, value } of made.read()) gauge.set(each, value);
      },
    });
    made.set = (each, value) => gauge.set(each, value);
    made.clear = () => {
      gauge.reset();
      // A reset leaves a 0, which nobody measured.
      if (labelNames.length === 0) gauge.remove();
    };
    made.clear();
    return made;
  }
  /** Counted since the metrics were last read. prom-client hashes the labels at every count (measured: 0.4 us). */
  const unread: Slot[] = [];
  const counter = new Counter({
    ...base,
    collect() {
      if (made.read) {
        counter.reset();
        for (const { labels: each, value } of made.read()) counter.inc(each, value);
        return;
      }
      for (const slot of unread.splice(0)) {
        slot.counter.inc(slot.count);
        slot.count = 0;
      }
    },
  });
  const slots = seriesBy(labelNames, (each): Slot => ({ counter: counter.labels(each), count: 0 }));
  const count = (slot: Slot, by: number): void => {
    if (by <= 0) return;
    if (slot.count === 0) unread.push(slot);
    slot.count += by;
  };
  made.add = (each, by = 1) => count(slots(each), by);
  made.series = (each) => {
    const slot = slots(each);
    return { inc: (by = 1) => count(slot, by) };
  };
  return made;
}

interface Slot {
  counter: Counter.Internal;
  count: number;
}

/** Resolves each set of labels once. Their number is bounded by the metric. */
function seriesBy<Series>(
  names: readonly string[],
  resolve: (labels: Labels) => Series,
): (labels: Labels) => Series {
  const known = new Map<string, Series>();
  return (labels) => {
    let key = '';
    for (const name of names) key += `${labels[name]}\n`;
    let series = known.get(key);
    if (series === undefined) {
      series = resolve(labels);
      known.set(key, series);
    }
    return series;
  };
}

/** All programs of a checkout have the version of its package.json. */
function releaseVersion(): string {
  const manifest = readFileSync(new URL('../../../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
