import { hash } from 'node:crypto';

/** The most people of a campaign who may get nothing, for comparison, in percent. */
export const MAX_HOLDOUT_PERCENT = 50;
/** Two texts at least make a comparison. */
export const MAX_VARIANTS = 10;
export const MAX_VARIANT_WEIGHT = 1_000;

/** How the recipients of a campaign are divided. */
export interface Division {
  /** By the place of the variant; whole numbers from 0. Empty where there is one text. */
  weights: readonly number[];
  /** 0 to 50. */
  holdoutPercent: number;
}

/**
 * Pure: the arm of a recipient. Drawn by SHA-256 of campaign and recipient: the same person has the same arm however
 * often it is asked, and the arms of two campaigns have nothing to do with each other.
 *
 * Who is held out and which variant a person gets are drawn apart. So a greater holdout takes people out of variants and
 * moves nobody from one to another; other weights move as few as they can where there are two.
 *
 * @returns the number that `notifications.origin_variant` and `counts.variant` have: the place of the variant, counted
 *   from 1; 0 where there is one text; `holdout` for those who get nothing.
 */
export function armOf(
  campaignId: string,
  recipientId: string,
  { weights, holdoutPercent }: Division,
): number | 'holdout' {
  // An id of a campaign has a fixed length, so that no other pair has the same text.
  const drawn = hash('sha256', `${campaignId}/${recipientId}`, 'buffer');
  if (drawn.readUIntBE(0, DRAW_BYTES) < (holdoutPercent / 100) * DRAW_RANGE) return 'holdout';
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return 0;
  let left = (drawn.readUIntBE(DRAW_BYTES, DRAW_BYTES) / DRAW_RANGE) * total;
  for (const [place, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return place + 1;
  }
  throw new Error(`no variant was drawn of the weights ${weights.join(', ')}`);
}

/** Both draws are whole numbers that a double holds exactly. */
const DRAW_BYTES = 6;
const DRAW_RANGE = 2 ** (8 * DRAW_BYTES);
