import { bisect } from '@carillon/core/program/bisect';
import type { OnGroup } from '@carillon/core/program/group-commit';
import type { Log } from '@carillon/core/program/log';
import { groupFailure, groupStatements, isMembersFault } from '@carillon/db/connection/group-statements';
import { type ReceiptHooks, receiveReceipts } from '@carillon/db/receipts/receive-receipts';
import type { AccountReceipt } from '@carillon/db/receipts/store-receipts';
import type { SpanContext } from '@opentelemetry/api';
import type { ServiceContext } from '../context.ts';
import { requestSpan, traceReceipts } from './receipt-spans.ts';

/** Receipts in one statement: more may take longer than a statement may, where the database has no statistics yet. */
const MAX_RECEIPTS = 500;

export interface TakeInOptions extends Pick<ServiceContext, 'db'> {
  log: Log;
  /** Counts a skipped receipt of this provider. */
  unstorable(provider: string): void;
  /** Learn what became of each. */
  hooks?: ReceiptHooks | undefined;
  onGroup?: OnGroup | undefined;
}

/**
 * Takes verified receipts of one request: stored and applied when the promise resolves. Receipts come in bursts, a
 * campaign's within minutes, so concurrent ones share a commit.
 */
export type TakeInReceipts = (provider: string, received: AccountReceipt[]) => Promise<void>;

/** With the span of the request that brought it. */
type Received = AccountReceipt & { request?: SpanContext };

export function createReceiptIntake({ db, log, unstorable, hooks, onGroup }: TakeInOptions): TakeInReceipts {
  const store = async (all: Received[]): Promise<undefined[]> => {
    for (let at = 0; at < all.length; at += MAX_RECEIPTS) {
      const part = all.slice(at, at + MAX_RECEIPTS);
      const startedAt = Date.now();
      const applied = await receiveReceipts(db, part, hooks);
      traceReceipts(applied, startedAt, ({ account, eventId }) => {
        const own = part.find((each) => each.account === account && each.receipt.eventId === eventId);
        return own?.request;
      });
    }
    return all.map(() => undefined);
  };
  const together = groupStatements(
    async (groups: Received[][]) => {
      await store(groups.flat());
      return groups.map(() => undefined);
    },
    { maxGroup: 100, maxInFlight: 2, onGroup },
  );

  /**
   * A receipt that PostgreSQL refuses is skipped and logged: an error answer would make the provider resend it for
   * days, with all others of the same request.
   */
  return async (provider, receipts) => {
    const request = requestSpan();
    const received = request ? receipts.map((each) => ({ ...each, request })) : receipts;
    try {
      await together(received);
    } catch (error) {
      if (!isMembersFault(error)) throw error;
      const ends = await bisect(received, store, groupFailure);
      for (const [index, end] of ends.entries()) {
        if (end.ok) continue;
        if (!isMembersFault(end.error)) throw end.error;
        const { account, receipt } = received[index]!;
        unstorable(provider);
        const what = { provider, account, event_id: receipt.eventId, kind: receipt.kind };
        log.error('a receipt cannot be stored and is left out', { ...what, error: end.error });
      }
    }
  };
}
