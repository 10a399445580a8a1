/** The table at the end: which figure is in which row, and its target. Targets hold for two processors. */
export interface Row {
  figure: string;
  label: string;
  unit: string;
  better: 'higher' | 'lower';
  /** Carillon's figure must be at least (higher) or at most (lower) this. */
  target?: number;
  /** And at least this many times better than the control. */
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
  { figure: 'traces single off', label: 'processor time per single message, traces off', ...cpu },
  { figure: 'traces single on', label: 'the same, every message traced', ...cpu },
  {
    figure: 'traces single ratio',
    label: 'the second over the first',
    unit: 'x',
    better: 'lower',
    digits: 2,
    target: 1.25,
  },
  { figure: 'traces batch off', label: 'processor time per bulk message, traces off', ...cpu },
  { figure: 'traces batch on', label: 'the same, every message traced', ...cpu },
  {
    figure: 'traces batch ratio',
    label: 'the second over the first',
    unit: 'x',
    better: 'lower',
    digits: 2,
    target: 1.25,
  },
  { figure: 'critical p50', label: 'critical p50 during the drain', ...time },
  { figure: 'critical p95', label: 'critical p95 during the drain', ...time },
  { figure: 'critical p99', label: 'critical p99 during the drain', ...time, target: 150 },
  { figure: 'critical settled p99', label: 'critical p99 after the first second', ...time },
  { figure: 'critical bulk', label: 'bulk drained meanwhile', ...rate },
  { figure: 'poisoned none p99', label: 'normal p99, 100 a second, none failing', ...time },
  { figure: 'poisoned p99', label: 'normal p99 beside 1 % that always fail', ...time },
  {
    figure: 'poisoned ratio',
    label: 'the second over the first, turn by turn',
    unit: 'x',
    better: 'lower',
    digits: 2,
    target: 2,
  },
  {
    figure: 'poisoned breakers',
    label: 'breakers that moved meanwhile',
    unit: '',
    better: 'lower',
    target: 0,
  },
  { figure: 'memory bulk', label: 'Redis per waiting bulk message', ...bytes, target: 100 },
  { figure: 'memory single', label: 'Redis per waiting single job', ...bytes, target: 450 },
  {
    figure: 'scheduled memory',
    label: 'Redis per million sends planned for one second',
    unit: 'MB',
    better: 'lower',
    target: 100,
  },
  {
    figure: 'campaign launch',
    label: 'recipients frozen by the launch of a campaign',
    ...rate,
    target: 100_000,
  },
  { figure: 'campaign slices', label: 'notifications of a campaign made, by one process', ...rate },
  { figure: 'campaign slices by hand', label: 'the same rows by one statement written for it', ...rate },
  {
    figure: 'campaign slices ratio',
    label: 'the first over the second',
    unit: 'x',
    better: 'higher',
    digits: 2,
  },
  { figure: 'campaign batch', label: 'end to end, the messages of the next row by the API', ...rate },
  { figure: 'campaign drain', label: 'a campaign, from its moment to the last message', ...rate },
  {
    figure: 'campaign drain ratio',
    label: 'the second over the first, turn by turn',
    unit: 'x',
    better: 'higher',
    digits: 2,
    target: 0.9,
  },
  { figure: 'campaign cancel', label: 'a cancel to the last message', ...time, target: 5_000 },
  { figure: 'scheduled released', label: 'planned sends released by the promoter', ...rate },
  { figure: 'scheduled relayed', label: 'planned sends put into their lane', ...rate },
  { figure: 'lists newest', label: 'list of 5 M: newest', ...time, target: 500 },
  { figure: 'lists recipient', label: 'list of 5 M: by recipient', ...time, target: 500 },
  {
    figure: 'lists recipient without match',
    label: 'list of 5 M: by recipient and category, no match',
    ...time,
    target: 500,
  },
  { figure: 'lists address', label: 'list of 5 M: by address', ...time, target: 500 },
  { figure: 'lists address without match', label: 'list of 5 M: by address, no match', ...time, target: 500 },
  {
    figure: 'lists rare state without match',
    label: 'list of 5 M: by rare state, no match',
    ...time,
    target: 500,
  },
  { figure: 'lists state without match', label: 'list of 5 M: by state, no match', ...time, target: 500 },
  { figure: 'lists channel without match', label: 'list of 5 M: by channel, no match', ...time, target: 500 },
  {
    figure: 'lists priority without match',
    label: 'list of 5 M: by priority, no match',
    ...time,
    target: 500,
  },
  {
    figure: 'lists category without match',
    label: 'list of 5 M: by category, no match',
    ...time,
    target: 500,
  },
  {
    figure: 'lists range without match',
    label: 'list of 5 M: by category in a range of time, no match',
    ...time,
    target: 500,
  },
  { figure: 'lists all without match', label: 'list of 5 M: by all of them, no match', ...time, target: 500 },
  { figure: 'lists walk', label: 'list of 5 M: all pages, no match', ...time },
  { figure: 'audience exact', label: 'count of an audience, 3 conditions, 1 M', ...time, target: 2_000 },
  { figure: 'audience channels', label: 'the same with channels', ...time },
  { figure: 'audience estimate', label: 'the same by a sample', ...time, target: 300 },
  {
    figure: 'streams memory',
    label: 'memory of the API for 1,000 open streams',
    unit: 'MB',
    better: 'lower',
    target: 150,
  },
  { figure: 'streams accepts none', label: 'accepts, single POST, no stream open', ...rate },
  { figure: 'streams accepts open', label: 'the same beside 1,000 open streams', ...rate },
  {
    figure: 'streams accepts ratio',
    label: 'the second over the first, turn by turn',
    unit: 'x',
    better: 'higher',
    digits: 2,
    target: 0.9,
  },
  {
    figure: 'streams accepts cpu ratio',
    label: 'processor time per accept beside streams, over that without',
    unit: 'x',
    better: 'lower',
    digits: 2,
  },
  { figure: 'streams delivery away', label: 'processor time per in-app message, person away', ...cpu },
  { figure: 'streams delivery connected', label: 'the same, person connected', ...cpu },
  { figure: 'streams delivery', label: 'the difference, turn by turn', ...cpu, target: 300 },
  { figure: 'streams p50', label: 'stored to client p50', ...time },
  { figure: 'streams p99', label: 'stored to client p99', ...time, target: 500 },
];
