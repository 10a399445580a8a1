import { FAILOVER_FAULTS } from './failover-faults.ts';
import type { FaultKind } from './fault.ts';
import { NETWORK_FAULTS } from './network-faults.ts';
import { BOTH_WORKERS, PROCESS_FAULTS } from './process-faults.ts';
import { PROVIDER_FAULTS } from './provider-faults.ts';
import { RECEIPT_FAULTS } from './receipt-faults.ts';
import { REDIS_FAULTS } from './redis-faults.ts';

/** All faults, in groups: a short run takes its few faults from different groups. */
export const FAULT_GROUPS: readonly (readonly FaultKind[])[] = [
  PROCESS_FAULTS,
  REDIS_FAULTS,
  PROVIDER_FAULTS,
  NETWORK_FAULTS,
  RECEIPT_FAULTS,
  FAILOVER_FAULTS,
  [BOTH_WORKERS],
];
