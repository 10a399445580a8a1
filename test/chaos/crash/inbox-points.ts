import type { CrashPoint } from './crash-points.ts';

const some = (rows: readonly Record<string, unknown>[]): boolean => rows.length > 0;
const isOne = (rows: readonly Record<string, unknown>[]): boolean =>
  rows.length === 1 && rows[0]!.id !== null;
const areMany = (rows: readonly Record<string, unknown>[]): boolean => rows.length > 1;

const STORE = /insert into inbox_messages \(/;
const CHANGE = /changed as \(\s+update inbox_messages/;
const END_SNOOZES = /sequence = h\.last - w\.n \+ w\.nth\s+from wanted/;

/**
 * Every step of an in-app message, and of what its recipient does with it, at which a process can die while clients follow
 * the inbox. The one that dies serves some of their streams, if it is an API.
 */
export const INBOX_POINTS: readonly CrashPoint[] = [
  {
    name: 'inbox: not stored',
    program: 'worker',
    onRecord: 'the attempt row',
    crash: { statement: STORE, when: 'before' },
    leadsTo: 'doubt',
  },
  {
    name: 'inbox: stored, not recorded',
    program: 'worker',
    onRecord: 'the attempt row, and the message in its inbox; nobody was signalled',
    crash: { statement: STORE, when: 'after' },
    leadsTo: 'doubt',
  },
  {
    name: 'inbox: recorded, job not completed',
    program: 'worker',
    onRecord: 'delivered, and the message in its inbox',
    crash: { at: 'recorded' },
    leadsTo: 'once',
  },
  {
    name: 'inbox: snoozes ended, nobody signalled',
    program: 'worker',
    onRecord: 'the messages are back under new numbers',
    crash: { statement: END_SNOOZES, when: 'after', only: some },
    leadsTo: 'once',
  },
  {
    name: 'inbox: changed, not committed',
    program: 'api',
    onRecord: 'nothing; the client has no answer and asks again',
    crash: { statement: CHANGE, when: 'before commit', only: isOne },
    leadsTo: 'once',
  },
  {
    name: 'inbox: changed, nobody signalled',
    program: 'api',
    onRecord: 'the change and its receipts; the client has no answer and asks again',
    crash: { statement: CHANGE, when: 'after commit', only: isOne },
    leadsTo: 'once',
  },
  {
    name: 'inbox: read all, not committed',
    program: 'api',
    onRecord: 'what earlier commits changed',
    crash: { statement: CHANGE, when: 'before commit', only: areMany },
    leadsTo: 'once',
  },
  {
    name: 'inbox: read all, nobody signalled',
    program: 'api',
    onRecord: 'some hundred changes and their receipts',
    crash: { statement: CHANGE, when: 'after commit', only: areMany },
    leadsTo: 'once',
  },
];
