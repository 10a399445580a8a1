import type { OnEntered } from '@carillon/core/notification/entered';
import type { ReadOutcome, Replica } from '@carillon/db/replica/open-replica';
import { notificationCounter } from '@carillon/telemetry/metrics/notification-counter';
import { createProgramMetrics } from '@carillon/telemetry/metrics/program-metrics';
import { type ReceiptMetrics, receiptMetrics } from '@carillon/telemetry/metrics/receipt-metrics';
import { type SharedMetrics, sharedMetrics } from '@carillon/telemetry/metrics/shared-metrics';
import type { Registry } from 'prom-client';

/** The metrics of the API: thin functions over the table in packages/telemetry. */
export interface Metrics extends SharedMetrics {
  registry: Registry;
  /** One answered request. @param route as registered, never a path: labels are bounded. */
  answered(method: string, route: string, status: number, seconds: number): void;
  /** One accept: a new row, a repeat of a known request, or a key reused for a different request. */
  accepted(outcome: 'fresh' | 'replayed' | 'conflict', priority: string): void;
  entered: OnEntered;
  /** One call of a provider's webhook: `receipts`, `confirmation`, why it was refused; or `unstorable`, a receipt. */
  receipts(provider: string, outcome: string, count: number): void;
  /** What became of receipts. */
  applied: ReceiptMetrics;
  /** One group commit of accepts. */
  group(size: number, seconds: number): void;
  /** One group commit of receipts. */
  receiptGroup(size: number, seconds: number): void;
  /** The replica, looked at when the metrics are read. */
  replica(replica: Pick<Replica, 'state' | 'behindMs'>): void;
  /** One read that a replica may answer, where there is one. */
  replicaRead(outcome: ReadOutcome): void;
  /** Open streams of inboxes, read when the metrics are. */
  inboxStreams(count: () => number): void;
  /** All apps that are named from now on. */
  apps(apps: readonly { id: string; name: string }[]): void;
}

export function createMetrics(): Metrics {
  const made = createProgramMetrics('api');
  const requests = made.histogram('carillon_api_request_seconds');
  const accepts = made.counter('carillon_api_accepted_total');
  const receipts = made.counter('carillon_api_receipts_total');
  const groupSize = made.histogram('carillon_group_commit_size');
  const groupSeconds = made.histogram('carillon_group_commit_seconds');
  const replicaReads = made.counter('carillon_replica_reads_total');
  const appInfo = made.gauge('carillon_app_info');
  const entered = notificationCounter(made.counter('carillon_notifications_total'));
  const groupOf = (statement: string) => (size: number, seconds: number) => {
    groupSize.observe({ statement }, size);
    groupSeconds.observe({ statement }, seconds);
  };
  return {
    registry: made.registry,
    ...sharedMetrics(made),
    answered: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    accepted: (outcome, priority) => accepts.inc({ outcome, priority }),
    entered,
    receipts: (provider, outcome, count) => receipts.inc({ provider, outcome }, count),
    applied: receiptMetrics(made.counter('carillon_receipts_applied_total'), entered),
    group: groupOf('accept'),
    receiptGroup: groupOf('receipts'),
    replica: ({ state, behindMs }) => {
      made.readBy('carillon_replica_in_use', () => [{ labels: {}, value: state() === 'in_use' ? 1 : 0 }]);
      made.readBy('carillon_replica_lag_seconds', () => {
        const behind = behindMs();
        return behind === null ? [] : [{ labels: {}, value: behind / 1000 }];
      });
    },
    replicaRead: (outcome) => replicaReads.inc({ outcome }),
    inboxStreams: (count) => made.readBy('carillon_inbox_streams', () => [{ labels: {}, value: count() }]),
    apps: (apps) => {
      appInfo.clear();
      for (const { id, name } of apps) appInfo.set({ app: id, name }, 1);
    },
  };
}
