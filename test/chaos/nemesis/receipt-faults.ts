import type { Mood } from '../system/postman.ts';
import type { FaultKind } from './fault.ts';

/** Faults of receipts in transit from the providers to the API. */
const MOODS: readonly { name: string; mood: Mood }[] = [
  { name: 'receipts three times', mood: 'repeating' },
  { name: 'receipts late', mood: 'late' },
  { name: 'receipts in reverse order', mood: 'reversing' },
  { name: 'receipts forged', mood: 'forging' },
];

export const RECEIPT_FAULTS: readonly FaultKind[] = MOODS.map(({ name, mood }) => ({
  name,
  weight: 1,
  targets: ['receipts'],
  lastsMs: [3_000, 12_000],
  begin: async (system) => {
    system.postman.be(mood);
    return async () => system.postman.be('honest');
  },
}));
