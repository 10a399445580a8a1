import { parseArgs } from 'node:util';

/** The options of `npm run bench -- ...`. */
export interface BenchOptions {
  rounds: number;
  counts: {
    acceptSingle: number;
    acceptBatch: number;
    single: number;
    batch: number;
    controlSingle: number;
    controlBatch: number;
    backlog: number;
    adapter: number;
    memoryBulk: number;
    memorySingle: number;
    scheduled: number;
    lists: number;
    recipients: number;
    streamAccepts: number;
    streamDeliveries: number;
    campaignPeople: number;
    campaignDrain: number;
    campaignGroups: number;
    importRows: number;
    fairnessBacklog: number;
  };
  criticalSeconds: number;
  poisonedSeconds: number;
  only: ReadonlySet<Part>;
  control: boolean;
  latencyMs: number;
  /** Every acceptance is followed by a signed receipt, as with real providers. */
  receipts: boolean;
  /** Where processor profiles go; they make everything some percent slower. */
  profile: string | null;
  json: string | null;
  maxMinutes: number;
}

export const PARTS = [
  'accepts',
  'end-to-end',
  'critical',
  'poisoned',
  'memory',
  'adapters',
  'scheduled',
  'lists',
  'audience-count',
  'traces',
  'pooler',
  'cluster',
  'inbox-streams',
  'campaign-statements',
  'campaigns',
  'import',
  'fairness',
] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `npm run bench -- [options]
  --quick            one round of small counts: shows that it runs, measures little
  --rounds N         runs of each figure, the median counts (3)
  --only A,B         of ${PARTS.join(', ')}
  --no-control       without the hand-written service beside
  --single N         notifications in "end to end, single POST" (10000); --batch N in batches (30000)
  --backlog N        bulk notifications that drain while critical ones are measured (100000)
  --people N         recipients of a campaign (1000000)
  --critical-seconds N   measure critical ones for at most so long (30)
  --poisoned-seconds N   measure beside messages that always fail, and without them, for so long each (20)
  --adapter N        notifications per provider adapter (3000)
  --latency-ms N     how long the provider takes to answer (5)
  --receipts         let the provider report what became of each message: work the control does not do
  --profile DIR      write processor profiles of API and workers there (slows them a little)
  --json FILE        write every sample there
  --max-minutes N    begin nothing new after so long (20)`;

/** @throws with a sentence for the user */
export function readOptions(args: string[]): BenchOptions {
  const text = (fallback: string) => ({ type: 'string', default: fallback }) as const;
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: {
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      only: text(PARTS.join(',')),
      control: { type: 'boolean', default: true },
      single: { type: 'string' },
      batch: { type: 'string' },
      backlog: { type: 'string' },
      people: { type: 'string' },
      'critical-seconds': { type: 'string' },
      'poisoned-seconds': { type: 'string' },
      adapter: { type: 'string' },
      'latency-ms': text('5'),
      receipts: { type: 'boolean', default: false },
      profile: { type: 'string' },
      json: { type: 'string' },
      'max-minutes': text('20'),
    },
  });
  if (values.help) throw new Error('npm run bench measures Carillon beside a hand-written service.');
  const { quick } = values;
  const count = (
    name:
      | 'rounds'
      | 'single'
      | 'batch'
      | 'backlog'
      | 'people'
      | 'critical-seconds'
      | 'poisoned-seconds'
      | 'adapter',
    full: number,
    small: number,
  ) => whole(`--${name}`, values[name] ?? String(quick ? small : full), 1, 1_000_000);
  const single = count('single', 10_000, 500);
  const batch = count('batch', 30_000, 2_000);
  return {
    rounds: count('rounds', 3, 1),
    counts: {
      acceptSingle: single * 2,
      acceptBatch: batch * 2,
      single,
      batch,
      // About a tenth of Carillon's speed: a run of each should take about as long.
      controlSingle: Math.ceil(single / 3),
      controlBatch: Math.ceil(batch / 10),
      backlog: count('backlog', 100_000, 4_000),
      adapter: count('adapter', 3_000, 500),
      memoryBulk: quick ? 5_000 : 50_000,
      memorySingle: quick ? 1_000 : 10_000,
      scheduled: quick ? 20_000 : 1_000_000,
      lists: quick ? 100_000 : 5_000_000,
      recipients: quick ? 50_000 : 1_000_000,
      streamAccepts: quick ? 3_000 : 10_000,
      streamDeliveries: quick ? 1_000 : 4_000,
      campaignPeople: count('people', 1_000_000, 20_000),
      campaignDrain: quick ? 3_000 : 30_000,
      campaignGroups: quick ? 30 : 300,
      importRows: quick ? 20_000 : 300_000,
      fairnessBacklog: quick ? 20_000 : 1_000_000,
    },
    criticalSeconds: count('critical-seconds', 30, 5),
    poisonedSeconds: count('poisoned-seconds', 20, 5),
    only: new Set(values.only.split(',').map(part)),
    control: values.control,
    latencyMs: whole('--latency-ms', values['latency-ms'], 0, 10_000),
    receipts: values.receipts,
    profile: values.profile ?? null,
    json: values.json ?? null,
    maxMinutes: whole('--max-minutes', values['max-minutes'], 1, 600),
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new Error(`${name} is "${text}"; it must be a whole number from ${least} to ${most}`);
}

function part(name: string): Part {
  const known = PARTS.find((each) => each === name);
  if (known) return known;
  throw new Error(`--only names "${name}"; the parts are ${PARTS.join(', ')}`);
}
