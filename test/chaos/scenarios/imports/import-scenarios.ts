import type { Scenario } from '../scenario.ts';
import { importDiedMerged, importDiedReported } from './died-at.ts';
import { importThroughKills } from './through-kills.ts';

/**
 * The scenarios of imports.
 *
 * @param scale how many times as many rows.
 */
export const importScenarios = (scale = 1): readonly Scenario[] => [
  importThroughKills(scale),
  importDiedMerged,
  importDiedReported,
];
