/** Why an address is not written to any more. */
export const SUPPRESSION_REASONS = [
  'bounce',
  'complaint',
  'stop',
  'unsubscribe',
  'manual',
  'erased',
] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];
