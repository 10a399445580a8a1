import type { AtPoint } from '../../../apps/worker/src/deliver/context.ts';
import { CAMPAIGN_POINTS } from './campaign-points.ts';
import type { Crash } from './crash.ts';
import { IMPORT_POINTS } from './import-points.ts';
import { INBOX_POINTS } from './inbox-points.ts';

/**
 * Every step between two commits at which a process can die, in the order in which a message meets them. One table:
 * the runs, the matrix in docs/reports/crash-points.md and the seams of the dying processes come from it.
 */
export interface CrashPoint {
  name: string;
  program: 'api' | 'worker';
  /** What is recorded at that time. */
  onRecord: string;
  crash: Crash;
  /** `once`: nothing was sent, so it is sent once and soon. `doubt`: it may have been sent; its class settles it. */
  leadsTo: 'once' | 'doubt';
  /** Nothing was sent, and everything to send it is available: it must reach its provider soon. */
  soon?: true;
  /** What must be true before the process that dies is started. */
  setting?: Setting;
  /** The columns in which it exists; default all. */
  only?: readonly string[];
}

export type Setting =
  /** A worker has died holding a lease. */
  | 'expired lease'
  /** A worker has died in a call that its provider had taken. */
  | 'lost answer'
  /** A member of a chunk waits for its retry, and its job was never made. */
  | 'lost retry'
  /** Jobs are in the lanes, and Redis has lost everything. */
  | 'lost Redis'
  /** Sixty in one lane at once, some of which the provider asks to wait. */
  | 'chunk'
  /** Two of one ordering key, the first with a slow provider. */
  | 'line'
  /** The provider asks to wait at the first call. */
  | 'throttled'
  /** The provider takes it and answers two seconds later. */
  | 'slow provider'
  /** A campaign was cancelled when all of it waited. */
  | 'cancelled';

const some = (rows: readonly Record<string, unknown>[]): boolean => rows.length > 0;
const counted = (rows: readonly Record<string, unknown>[]): boolean => Number(rows[0]?.count ?? 0) > 0;
const released = (rows: readonly Record<string, unknown>[]): boolean => Number(rows[0]?.released ?? 0) > 0;
const isAnswered = ({ end }: AtPoint): boolean => end?.kind === 'answered';
const waits = ({ delayMs = 0 }: { delayMs?: number }): boolean => delayMs > 0;

export const CRASH_POINTS: readonly CrashPoint[] = [
  {
    name: 'accept: before the commit',
    program: 'api',
    onRecord: 'nothing; the client has no answer and asks again',
    crash: { statement: /insert into notifications \(/, when: 'before' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'accept: committed, not answered',
    program: 'api',
    onRecord: 'row and outbox row; the client asks again under the same key',
    crash: { statement: /insert into notifications \(/, when: 'after' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'accept: committed, wake-up signal not sent',
    program: 'api',
    onRecord: 'row and outbox row; the relay polls',
    crash: { statement: /pg_notify/, when: 'before' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'relay: rows taken, nothing published',
    program: 'worker',
    onRecord: 'the outbox row (its deletion is not committed)',
    crash: { publish: 'before' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'relay: published, not committed',
    program: 'worker',
    onRecord: 'the outbox row, and the job in its lane',
    crash: { publish: 'after' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'relay: committed',
    program: 'worker',
    onRecord: 'queued, and the job in its lane',
    crash: { statement: /delete from outbox/, when: 'after commit', only: some },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'deliver: job taken, not claimed',
    program: 'worker',
    onRecord: 'queued; the job is active in a worker that is gone',
    crash: { at: 'job taken' },
    leadsTo: 'once',
    soon: true,
  },
  {
    name: 'deliver: claimed',
    program: 'worker',
    onRecord: 'sending, with lease and attempt row',
    crash: { at: 'claimed' },
    leadsTo: 'doubt',
    soon: true,
  },
  {
    name: 'deliver: account chosen',
    program: 'worker',
    onRecord: 'the attempt row names the account',
    crash: { at: 'account chosen' },
    leadsTo: 'doubt',
    soon: true,
  },
  {
    name: 'deliver: permitted, not sent',
    program: 'worker',
    onRecord: 'the attempt row; a permit is spent',
    crash: { at: 'permitted' },
    leadsTo: 'doubt',
    soon: true,
  },
  {
    name: 'send: call begun',
    program: 'worker',
    onRecord: 'the attempt row; the request may be half on the wire',
    crash: { at: 'called' },
    leadsTo: 'doubt',
  },
  {
    name: 'send: taken, not answered',
    program: 'worker',
    onRecord: 'the attempt row; the provider has the message',
    crash: { at: 'called', once: 'the provider has it' },
    leadsTo: 'doubt',
    setting: 'slow provider',
  },
  {
    name: 'deliver: answered, not recorded',
    program: 'worker',
    onRecord: 'the attempt row; the answer was in memory only',
    crash: { at: 'attempt ended', only: isAnswered },
    leadsTo: 'doubt',
  },
  {
    name: 'deliver: recorded, job not completed',
    program: 'worker',
    onRecord: 'sent; the job is active in a worker that is gone',
    crash: { at: 'recorded', only: isAnswered },
    leadsTo: 'once',
  },
  {
    name: 'deliver: wait recorded, job not delayed',
    program: 'worker',
    onRecord: 'retrying with its time; the job is active in a worker that is gone',
    crash: { at: 'recorded', only: isAnswered },
    leadsTo: 'once',
    setting: 'throttled',
  },
  {
    name: 'chunk: recorded, no member has left',
    program: 'worker',
    onRecord: 'the waiting members are retrying, without jobs of their own',
    crash: { publish: 'before', only: waits },
    leadsTo: 'once',
    setting: 'chunk',
  },
  {
    name: 'chunk: the first member has left',
    program: 'worker',
    onRecord: 'one waiting member has its job, the others none',
    crash: { publish: 'after', only: waits },
    leadsTo: 'once',
    setting: 'chunk',
  },
  {
    name: 'rescue: doubts declared',
    program: 'worker',
    onRecord: 'in doubt; overdue rows are not yet looked at',
    crash: { statement: /state = 'in_doubt', lease_token = null/, when: 'after', only: some },
    leadsTo: 'doubt',
    setting: 'expired lease',
  },
  {
    name: 'rescue: overdue announced',
    program: 'worker',
    onRecord: 'an outbox row; the wake-up signal has not been sent',
    crash: { statement: /overdue as materialized/, when: 'after', only: counted },
    leadsTo: 'once',
    setting: 'lost retry',
  },
  {
    name: 'resolve: doubt taken',
    program: 'worker',
    onRecord: 'in doubt; the next look is put ahead',
    crash: {
      statement: /where rare_state = 'in_doubt' and next_attempt_at <= now\(\) and priority/,
      when: 'after',
      only: some,
    },
    leadsTo: 'doubt',
    setting: 'expired lease',
  },
  {
    name: 'resolve: repeat leased, not called',
    program: 'worker',
    onRecord: 'sending again, with a new lease and the same attempt row',
    crash: { statement: /reopened as/, when: 'after', only: some },
    leadsTo: 'doubt',
    setting: 'expired lease',
    only: ['A (Resend)'],
  },
  {
    name: 'resolve: repeat answered, not recorded',
    program: 'worker',
    onRecord: 'the same attempt row; the answer was in memory only',
    crash: { statement: /with endings as materialized/, when: 'before' },
    leadsTo: 'doubt',
    setting: 'lost answer',
    only: ['A (Resend)'],
  },
  {
    name: 'resolve: found, not committed',
    program: 'worker',
    onRecord: 'in doubt; what the provider said was in memory only',
    crash: {
      statement: /set state = 'sent', next_attempt_at = null, tried = null/,
      when: 'before commit',
      only: some,
    },
    leadsTo: 'doubt',
    setting: 'lost answer',
    only: ['B (Twilio)'],
  },
  {
    name: 'resolve: sent again, not relayed',
    program: 'worker',
    onRecord: 'pending, with an outbox row',
    crash: {
      statement: /set state = 'pending', next_attempt_at = null, error_code = null/,
      when: 'after',
      only: some,
    },
    leadsTo: 'doubt',
    setting: 'expired lease',
    only: ['B (Twilio)', 'C (FCM)', 'D (SMTP), at_least_once'],
  },
  {
    name: 'resolve: given up',
    program: 'worker',
    onRecord: 'dead, with its reason',
    crash: { statement: /set state = 'dead', next_attempt_at = null/, when: 'after', only: some },
    leadsTo: 'doubt',
    setting: 'expired lease',
    only: ['D (SMTP), at_most_once'],
  },
  {
    name: 'order: first sent, line not moved',
    program: 'worker',
    onRecord: 'the first is sent, the second is parked without a job',
    crash: { at: 'recorded', only: isAnswered },
    leadsTo: 'once',
    setting: 'line',
  },
  {
    name: 'order: second announced, not relayed',
    program: 'worker',
    onRecord: 'an outbox row for the second',
    crash: { statement: /with lines as materialized/, when: 'after', only: released },
    leadsTo: 'once',
    setting: 'line',
  },
  {
    name: 'epoch: loss noticed',
    program: 'worker',
    onRecord: 'the old epoch (the new one is not committed), an empty Redis',
    crash: { epochKey: 'before' },
    leadsTo: 'once',
    setting: 'lost Redis',
  },
  {
    name: 'epoch: in Redis, not committed',
    program: 'worker',
    onRecord: 'the old epoch; Redis has one that no row names',
    crash: { epochKey: 'after' },
    leadsTo: 'once',
    setting: 'lost Redis',
  },
  {
    name: 'epoch: declared',
    program: 'worker',
    onRecord: 'the new epoch and where the rebuild begins',
    crash: { statement: /insert into redis_epoch/, when: 'after commit' },
    leadsTo: 'once',
    setting: 'lost Redis',
  },
  {
    name: 'epoch: rows announced, bookmark not moved',
    program: 'worker',
    onRecord: 'outbox rows; the rebuild begins again where it began',
    crash: { statement: /lost as materialized/, when: 'after', only: counted },
    leadsTo: 'once',
    setting: 'lost Redis',
  },
];

export function pointNamed(name: string): CrashPoint {
  const all = [...CRASH_POINTS, ...INBOX_POINTS, ...CAMPAIGN_POINTS, ...IMPORT_POINTS];
  const found = all.find((point) => point.name === name);
  if (!found) throw new Error(`no crash point is named "${name}"`);
  return found;
}

export function existsIn({ only }: CrashPoint, { name }: { name: string }): boolean {
  return only === undefined || only.includes(name);
}
