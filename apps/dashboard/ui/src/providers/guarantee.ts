import type { Provider } from '@carillon/client/api-types';

/** What can be done when an answer of the provider is lost, in one sentence. */
export const GUARANTEES: Readonly<Record<Provider['guarantee'], string>> = {
  A: 'After a lost answer the same call is made again under the same key: nothing is sent twice.',
  B: 'After a lost answer its reports, or a look-up, say what became of the message.',
  C: 'After a lost answer the message is sent again and replaces the first on the device.',
  D: 'After a lost answer nothing but the policy of the category can decide.',
};
