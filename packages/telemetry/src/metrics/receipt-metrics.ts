import type { Channel } from '@carillon/core/notification/channel';
import type { OnEntered } from '@carillon/core/notification/entered';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { ReceiptKind } from '@carillon/core/provider/receipt';
import type { CounterOf } from './program-metrics.ts';

/** A receipt that found its notification, as far as it is counted. */
interface Applied {
  account: string;
  kind: ReceiptKind;
  appId: string;
  channel: Channel;
  priority: Priority;
  movedTo: State | null;
}

/** A receipt of an account. */
interface Received {
  account: string;
  receipt: { kind: ReceiptKind };
}

/** Counts each receipt once, and the state that its notification entered by it. Fits `ReceiptHooks` of db/receipts. */
export interface ReceiptMetrics {
  applied(receipts: readonly Applied[]): void;
  addressesOnly(receipts: readonly Received[]): void;
  unknown(receipts: readonly Received[]): void;
}

export function receiptMetrics(
  counter: CounterOf<'carillon_receipts_applied_total'>,
  onEntered: OnEntered,
): ReceiptMetrics {
  const count = (result: 'recorded' | 'unknown') => (receipts: readonly Received[]) => {
    for (const { account: provider, receipt } of receipts)
      counter.inc({ provider, kind: receipt.kind, result });
  };
  return {
    applied: (receipts) => {
      for (const { account: provider, kind, appId, channel, priority, movedTo } of receipts) {
        counter.inc({ provider, kind, result: movedTo === null ? 'recorded' : 'moved' });
        if (movedTo !== null) onEntered({ appId, channel, priority, provider, state: movedTo });
      }
    },
    addressesOnly: count('recorded'),
    unknown: count('unknown'),
  };
}
