/**
 * The guarantee that a provider permits when an answer is lost (published in docs/in-doubt.md and the dashboard): A
 * idempotent key, a repeat with the same key cannot send twice; B evidence, a receipt or a lookup decides; C
 * replaceable, a repeat replaces the first on the device; D blind, only the policy can decide.
 */
export const GUARANTEE_CLASSES = ['A', 'B', 'C', 'D'] as const;
export type GuaranteeClass = (typeof GUARANTEE_CLASSES)[number];
