import type { Random } from '../load/random.ts';
import type { ChaosSystem } from '../system/chaos-system.ts';

/** A kind of fault, and how to cause it. */
export interface FaultKind {
  name: string;
  /** How often it comes up in a schedule. */
  weight: number;
  targets: readonly string[];
  /** Bounds of how long it lasts. For a kill: how long nothing is started again. */
  lastsMs: readonly [least: number, most: number];
  /** It lies on the wire between workers and providers. */
  delaysProviders?: true;
  /** Everything in Redis is gone afterwards: the loss must be noticed. */
  losesRedis?: true;
  /**
   * Begins it.
   *
   * @returns ends it, and resolves when the target has recovered
   */
  begin(system: ChaosSystem, target: string, random: Random): Promise<() => Promise<void>>;
}
