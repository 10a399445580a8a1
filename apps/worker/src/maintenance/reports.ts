import { setTimeout as pause } from 'node:timers/promises';
import {
  type AnsweredReport,
  type AskedAccount,
  recordReports,
  takeUnreported,
  type Unreported,
} from '@carillon/db/attempts/reports';
import type { ReceiptHooks } from '@carillon/db/receipts/receive-receipts';
import type { ProviderAccount, Report, Reports } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { askAges, comingOfAge } from './report-schedule.ts';
import { merged, rotation, type Window, windows } from './windows.ts';

/**
 * Queries providers about the outcome of messages where no receipts can come (a Twilio account without a callback), so
 * that they do not stay `sent` forever. An answer is applied as a receipt; one without information changes nothing.
 *
 * Hot states have no index, and nothing is written for a message before its first question. So each turn looks at
 * notifications created one of the schedule's ages ago, and finds those sent long after their creation (scheduled, held
 * back, missed by a crash) in rotation. PostgreSQL stores which questions were answered: lost bookmarks only delay one.
 * Without such an account a turn does nothing at all.
 */
export interface ReportsOptions {
  sql: Sql;
  /** Live: accounts are added and removed. */
  accounts: readonly ProviderAccount[];
  hooks?: ReceiptHooks;
  onError(error: unknown): void;
  /** Aborted when the process stops: no more questions are begun. */
  stopping?: AbortSignal;
  now?(): number;
  /** How long a turn walks through the rest of the table. */
  rotationMs?: number;
}

/**
 * Questions in flight at the same time, and how soon the next ones follow: 20 a second and process. The account's own
 * limit is for messages; a slow account must not spend it on questions.
 */
const BATCH = 10;
const BATCH_EVERY_MS = 500;
const ASK_TIMEOUT_MS = 5000;
/** Longer than a batch takes; how long a message waits if the process that queried about it died. */
const HOLD_MS = 30_000;
/** A turn with more questions than fit continues in the next. */
const TURN_MS = 10_000;
/** Checked when a process starts, and at most after turns that were cut short. */
const LOOK_BACK_MS = 10 * 60_000;
/** At thousands a second its rows are still read well within a statement's time. */
const WINDOW_MS = 3 * 60_000;
const ROTATION_MS = 100;

interface Turn {
  asked: Map<string, AskedAccount & { reports: Reports }>;
  endsAt: number;
  total: number;
  batchEndsAt: number;
}

export function reports(options: ReportsOptions): Duty {
  const { sql, accounts, hooks, onError, stopping, now = Date.now, rotationMs = ROTATION_MS } = options;
  const older = rotation(sql, WINDOW_MS);
  let walkedTo = now() - LOOK_BACK_MS;

  return {
    name: 'reports',
    everyMs: 10_000,
    async runOnce() {
      const asked = new Map(accounts.flatMap(askable));
      if (asked.size === 0) return 0;
      const turn: Turn = { asked, endsAt: performance.now() + TURN_MS, total: 0, batchEndsAt: 0 };
      const until = now();
      const since = Math.max(walkedTo, until - LOOK_BACK_MS);
      const ages = [...asked.values()].flatMap(({ agesMs }) => agesMs);
      for (const stretch of merged(comingOfAge(ages, since, until)))
        for await (const window of windows(sql, stretch, WINDOW_MS))
          if (!(await walked(window, turn))) return turn.total;
      walkedTo = until;
      await rotate(turn, until - Math.min(...ages));
      return turn.total;
    },
  };

  async function rotate(turn: Turn, toMs: number): Promise<void> {
    const endsAt = performance.now() + rotationMs;
    for (let met = true; met && performance.now() < endsAt; ) {
      met = false;
      for await (const window of older(1, toMs)) {
        met = true;
        if (!(await walked(window, turn))) return;
      }
    }
  }

  /** Asks the questions that are due in a window. @returns false if the turn ended before the window did. */
  async function walked(window: Window, turn: Turn): Promise<boolean> {
    for (;;) {
      if (stopping?.aborted || performance.now() > turn.endsAt || turn.asked.size === 0) return false;
      const asked = [...turn.asked.values()].map(({ account, agesMs }) => ({ account, agesMs }));
      const rows = await takeUnreported(sql, window, asked, HOLD_MS, BATCH);
      if (rows.length > 0) await ask(rows, turn);
      if (rows.length < BATCH) return true;
    }
  }

  async function ask(rows: readonly Unreported[], turn: Turn): Promise<void> {
    await pause(Math.max(0, turn.batchEndsAt - performance.now()));
    turn.batchEndsAt = performance.now() + BATCH_EVERY_MS;
    const silent = new Set(rows.map(({ account }) => account));
    const answers: AnsweredReport[] = [];
    const askOne = async (row: Unreported): Promise<void> => {
      const { reports: at, agesMs } = turn.asked.get(row.account)!;
      const report = await reportOf(at, row.providerMessageId);
      if (!report.receipt && report.unanswered) return;
      silent.delete(row.account);
      const said = report.receipt ? wordsOf(report.receipt) : report.why;
      answers.push({ asked: row, receipt: report.receipt, said, isLast: row.ageMs >= agesMs.at(-1)! });
    };
    await Promise.all(rows.map(askOne));
    // An account that answers no question is left for this turn; one that fails for a single message is queried about
    // the others.
    for (const account of silent) turn.asked.delete(account);
    if (answers.length > 0) await recordReports(sql, answers, hooks);
    turn.total += answers.length;
  }

  async function reportOf(at: Reports, providerMessageId: string): Promise<Report> {
    try {
      return await at.of(providerMessageId, AbortSignal.timeout(ASK_TIMEOUT_MS));
    } catch (error) {
      onError(error);
      return { receipt: null, why: 'it could not be asked', unanswered: true };
    }
  }
}

function askable({ id, adapter }: ProviderAccount): [string, AskedAccount & { reports: Reports }][] {
  const { reports: at } = adapter;
  return at ? [[id, { account: id, agesMs: askAges(at.finalAfterMs), reports: at }]] : [];
}

function wordsOf({ kind, code, detail }: { kind: string; code?: string; detail?: string }): string {
  const why = [code, detail].filter(Boolean).join(': ');
  return why === '' ? kind : `${kind} (${why})`;
}
