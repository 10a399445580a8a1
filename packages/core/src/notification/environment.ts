/** `test` reaches only the provider simulator; `live` reaches real providers. Keys, ids and data never cross. */
export const ENVIRONMENTS = ['live', 'test'] as const;
export type Environment = (typeof ENVIRONMENTS)[number];
