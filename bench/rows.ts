/** The table at the end: which figure stands in which row, and what it is to reach. Targets hold for two processors. */
export interface Row {
  figure: string;
  label: string;
  unit: string;
  better: 'higher' | 'lower';
  /** Ours is to be at least (higher) or at most (lower) this. */
  target?: number;
  /** And at least so many times better than the control. */
  ratio?: number;
  digits?: number;
}

const rate = { unit: '/s', better: 'higher' } as const;
const time = { unit: 'ms', better: 'lower', digits: 1 } as const;
const bytes = { unit: 'B', better: 'lower' } as const;
const cpu = { unit: 'us', better: 'lower' } as const;

export const ROWS: readonly Row[] = [
  { figure: 'accepts single', label: 'accepts, single POST, 50 connections', ...rate, target: 6_000 },
  { figure: 'accepts batch', label: 'accepts, batches of 500, 4 at a time', ...rate, target: 30_000 },
  {
    figure: 'end to end single',
    label: 'end to end, single POST, 50 connections',
    ...rate,
    target: 2_400,
    ratio: 3,
  },
  {
    figure: 'end to end batch',
    label: 'end to end, batches of 500, 4 at a time',
    ...rate,
    target: 6_500,
    ratio: 8,
  },
  { figure: 'cpu total', label: 'processor time per bulk notification', ...cpu, target: 260 },
  { figure: 'critical p50', label: 'critical p50 during the drain', ...time },
  { figure: 'critical p95', label: 'critical p95 during the drain', ...time },
  { figure: 'critical p99', label: 'critical p99 during the drain', ...time, target: 150 },
  { figure: 'critical settled p99', label: 'critical p99 after the first second', ...time },
  { figure: 'critical bulk', label: 'bulk drained meanwhile', ...rate },
  { figure: 'memory bulk', label: 'Redis per waiting bulk message', ...bytes, target: 100 },
  { figure: 'memory single', label: 'Redis per waiting single job', ...bytes, target: 450 },
  {
    figure: 'scheduled memory',
    label: 'Redis per million sends planned for one second',
    unit: 'MB',
    better: 'lower',
    target: 100,
  },
  { figure: 'scheduled released', label: 'planned sends released by the promoter', ...rate },
  { figure: 'scheduled relayed', label: 'planned sends put into their lane', ...rate },
];
