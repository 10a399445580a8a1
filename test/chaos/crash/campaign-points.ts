import type { CrashPoint } from './crash-points.ts';

const some = (rows: readonly Record<string, unknown>[]): boolean => rows.length > 0;
const cancelledSome = (rows: readonly Record<string, unknown>[]): boolean =>
  Number(rows[0]?.cancelled ?? 0) > 0;

const START = /update campaigns set state = 'running', started_at/;
const FREEZE = /frozen_upto = coalesce\(/;
const SLICE = /update campaign_chunks\s+set made_upto/;
const FINISH = /update campaigns set state = 'done'/;
const CANCEL = /'its campaign was cancelled' from moved/;

/**
 * Every step of a campaign between two commits at which its runner can die: the launch, pages of the freeze, slices, its
 * end, and the pages in which the rest of a cancelled one is cancelled.
 */
export const CAMPAIGN_POINTS: readonly CrashPoint[] = [
  {
    name: 'campaign: started, not frozen',
    program: 'worker',
    onRecord: 'running, and its origin; nobody is planned',
    crash: { statement: START, when: 'after commit', only: some },
    leadsTo: 'once',
  },
  {
    name: 'campaign: page made, not committed',
    program: 'worker',
    onRecord: 'running; nobody is planned',
    crash: { statement: FREEZE, when: 'before commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: page frozen',
    program: 'worker',
    onRecord: 'the first page, and where the next one begins',
    crash: { statement: FREEZE, when: 'after commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: slice made, not committed',
    program: 'worker',
    onRecord: 'the frozen audience; nothing of the slice',
    crash: { statement: SLICE, when: 'before commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: slice stored',
    program: 'worker',
    onRecord: 'notifications, outbox rows, counts and how far the chunk is; the relay was not signalled',
    crash: { statement: SLICE, when: 'after commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: ended, not committed',
    program: 'worker',
    onRecord: 'running, with nothing left to do',
    crash: { statement: FINISH, when: 'before commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: ended',
    program: 'worker',
    onRecord: 'done, and its event',
    crash: { statement: FINISH, when: 'after commit' },
    leadsTo: 'once',
  },
  {
    name: 'campaign: page of the rest cancelled',
    program: 'worker',
    onRecord: 'cancelled; one page of what waited is, the next one is not',
    crash: { statement: CANCEL, when: 'after', only: cancelledSome },
    leadsTo: 'once',
    setting: 'cancelled',
  },
];
