import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LANES } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { OWN_METRICS } from '../known-metrics.ts';
import { faultsOf } from '../promql.ts';
import { findPromtool, promtool } from '../promtool.ts';
import { findHelm, helmAt, type KubernetesObject } from './helm.ts';
import { ofKind, VALUE_SETS, type Workload } from './objects.ts';

/** What KEDA asks Prometheus before it adds or removes workers. */
interface ScaledObject extends KubernetesObject {
  spec: {
    scaleTargetRef: { name: string };
    minReplicaCount: number;
    triggers: { name: string; metricType: string; metadata: Record<string, string> }[];
    fallback?: object;
  };
}
const found = findHelm();
const prometheus = findPromtool();
const program = 'program' in prometheus ? prometheus.program : '';
const helm = helmAt('program' in found ? found.program : '');
const dir = mkdtempSync(path.join(tmpdir(), 'carillon-scaling-'));
afterAll(() => {
  helm.close();
  rmSync(dir, { recursive: true, force: true });
});

const [, file] = VALUE_SETS.find(([name]) => name === 'autoscaling')!;
const objects = 'program' in found ? helm.render('-f', file) : [];
const scaled = ofKind<ScaledObject>(objects, 'ScaledObject');
const byWorker = scaled.map(
  (each) => [each.metadata.name.replace('shop-carillon-worker-', ''), each] as const,
);
const metadataOf = (each: ScaledObject, trigger: string) =>
  each.spec.triggers.find(({ name }) => name === trigger)!.metadata;

/** The metrics with the label that the Prometheus operator adds. */
const METRICS = Object.fromEntries(
  Object.entries(OWN_METRICS).map(([name, { type, labels }]) => [
    name,
    { type, labels: [...labels, 'namespace'] },
  ]),
);

describe.skipIf('missing' in found)('autoscaling of workers', () => {
  test('is by the depth of lanes and the age of what waits in them, for each worker', () => {
    expect(byWorker.map(([name]) => name).sort()).toEqual(['bulk', 'critical', 'general']);
    for (const [name, { spec }] of byWorker) {
      expect(
        spec.triggers.map((trigger) => [trigger.name, trigger.metricType]),
        name,
      ).toEqual([
        ['depth', 'AverageValue'],
        ['oldest', 'Value'],
      ]);
      const target = ofKind<Workload>(objects, 'Deployment').find(
        ({ metadata }) => metadata.name === spec.scaleTargetRef.name,
      );
      expect(target, name).toBeDefined();
    }
  });

  test('never ends the last worker, and changes nothing while nobody measures', () => {
    for (const [name, { spec }] of byWorker) {
      expect(spec.minReplicaCount, name).toBeGreaterThanOrEqual(1);
      expect(spec.fallback, name).toBeUndefined();
      for (const { metadata } of spec.triggers) expect(metadata.ignoreNullValues, name).toBe('false');
    }
  });

  test.each(byWorker)('asks for metrics that exist, of this installation (%s)', (_name, { spec }) => {
    for (const { metadata } of spec.triggers) {
      expect(faultsOf(metadata.query!, METRICS)).toEqual([]);
      expect(metadata.query!.match(/carillon_\w+\{/g)!.length).toBe(
        metadata.query!.match(/namespace="acme"/g)!.length,
      );
      for (const value of Object.values(metadata)) expect(typeof value).toBe('string');
    }
  });

  test.each<[string, Priority[]]>([
    ['critical', ['critical']],
    ['general', ['normal', 'bulk']],
    ['bulk', ['bulk']],
  ])('asks for exactly the lanes that the worker delivers (%s)', (name, priorities) => {
    const [, worker] = byWorker.find(([each]) => each === name)!;
    for (const { metadata } of worker.spec.triggers) {
      for (const [, pattern] of metadata.query!.matchAll(/lane=~"([^"]+)"/g)) {
        const lanes = [...LANES, 'events'].filter((lane) => new RegExp(`^(?:${pattern})$`).test(lane));
        expect(lanes).toEqual(LANES.filter((lane) => priorities.some((each) => lane.endsWith(`-${each}`))));
      }
    }
  });

  describe.skipIf('missing' in prometheus)('by Prometheus', () => {
    const series = (text: string, values: string) => ({ series: text, values });
    const jobs = (lane: string, state: string, count: number, instance = 'a') =>
      series(
        `carillon_lane_jobs{lane="${lane}",state="${state}",instance="${instance}",namespace="acme"}`,
        `${count}x5`,
      );
    const rows = (lane: string, count: number) =>
      series(
        `carillon_outbox_rows{lane="${lane}",version="known",instance="a",namespace="acme"}`,
        `${count}x5`,
      );
    const oldest = (lane: string, seconds: number) =>
      series(`carillon_lane_oldest_seconds{lane="${lane}",instance="a",namespace="acme"}`, `${seconds}x5`);
    const other = (lane: string, count: number) =>
      series(
        `carillon_lane_jobs{lane="${lane}",state="waiting",instance="z",namespace="other"}`,
        `${count}x5`,
      );

    test.each<[string, string, string, ReturnType<typeof series>[], number[]]>([
      [
        'adds up lanes',
        'bulk',
        'depth',
        [jobs('email-bulk', 'waiting', 700), jobs('sms-bulk', 'waiting', 50)],
        [750],
      ],
      [
        'counts the outbox',
        'bulk',
        'depth',
        [jobs('email-bulk', 'waiting', 700), rows('email-bulk', 9000)],
        [9700],
      ],
      [
        'counts once what two leaders measured around a change',
        'bulk',
        'depth',
        [jobs('email-bulk', 'waiting', 700), jobs('email-bulk', 'waiting', 690, 'b')],
        [700],
      ],
      [
        'leaves out other lanes, other states and other installations',
        'critical',
        'depth',
        [
          jobs('email-critical', 'waiting', 5),
          jobs('email-critical', 'delayed', 40),
          jobs('email-bulk', 'waiting', 7000),
          other('email-critical', 900),
        ],
        [5],
      ],
      ['has no value without a leader', 'critical', 'depth', [rows('email-critical', 3)], []],
      ['takes the oldest', 'general', 'oldest', [oldest('email-normal', 3), oldest('sms-bulk', 90)], [90]],
      [
        'leaves out the age of other lanes',
        'critical',
        'oldest',
        [oldest('sms-critical', 1), oldest('sms-bulk', 90)],
        [1],
      ],
      ['has no age without a leader', 'bulk', 'oldest', [], []],
    ])('%s (%s, %s)', (_what, worker, trigger, input, expected) => {
      const [, scaledObject] = byWorker.find(([name]) => name === worker)!;
      const rules = {
        rule_files: [],
        tests: [
          {
            interval: '1m',
            input_series: input,
            promql_expr_test: [
              {
                expr: metadataOf(scaledObject, trigger).query,
                eval_time: '2m',
                exp_samples: expected.map((value) => ({ labels: '{}', value })),
              },
            ],
          },
        ],
      };
      writeFileSync(path.join(dir, 'test.yml'), stringify(rules));
      const { status, output } = promtool(program, ['test', 'rules', 'test.yml'], dir);
      expect(status, output).toBe(0);
    });
  });
});
