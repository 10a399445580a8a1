import { expect, test } from 'vitest';
import { type MetricRow, PROGRAMS } from './row.ts';
import { METRICS, type MetricName } from './table.ts';

const rows = Object.entries(METRICS) as [MetricName, MetricRow][];

test.each(rows)(
  '%s follows the conventions of Prometheus',
  (name, { type, labels, help, programs, buckets }) => {
    expect(name).toMatch(/^carillon(_[a-z]+)+$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(name).not.toMatch(/_(count|sum|bucket|milliseconds|ms)$/);
    if (type === 'histogram' && !name.endsWith('_size')) expect(name).toMatch(/_seconds$/);
    expect(buckets !== undefined).toBe(type === 'histogram');
    expect([...(buckets ?? [])].sort((a, b) => a - b)).toEqual([...(buckets ?? [])]);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(label).toMatch(/^[a-z_]+$/);
    expect(labels).not.toContain('le');
    // One cell of a table, which adds the full stop.
    expect(help).toMatch(/^[A-Z0-9][^|\n]+[^.]$/);
    expect(programs.length).toBeGreaterThan(0);
    expect(PROGRAMS).toEqual(expect.arrayContaining([...programs]));
  },
);
