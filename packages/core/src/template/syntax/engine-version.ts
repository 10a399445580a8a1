/**
 * Which filters and tags a text is rendered with. A published version keeps those that there were when it was published, so that
 * it renders for ever as it did.
 *
 * 1: Liquid's own. 2: numbers, money, dates, plurals and lists as people write them where they live; parts.
 */
export const ENGINE_VERSIONS = [1, 2] as const;
export type EngineVersion = (typeof ENGINE_VERSIONS)[number];

/** What is published now has this one. */
export const CURRENT_ENGINE = 2 satisfies EngineVersion;

/** False for a version that a newer release published: only that one can render it. */
export function isKnownEngine(version: number): version is EngineVersion {
  return (ENGINE_VERSIONS as readonly number[]).includes(version);
}
