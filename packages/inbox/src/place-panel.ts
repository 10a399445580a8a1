export const PLACEMENTS = ['bottom-end', 'bottom-start', 'top-end', 'top-start'] as const;
export type Placement = (typeof PLACEMENTS)[number];

const GAP = 8;

interface Box {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/**
 * Where the panel lies: next to the bell, and inside of the window. As a rule for a style sheet, for a policy may forbid
 * style attributes.
 */
export function placePanel(
  bell: Box,
  panel: { width: number; height: number },
  window: { width: number; height: number },
  placement: Placement,
  direction: 'ltr' | 'rtl',
): string {
  const within = (at: number, size: number, all: number) =>
    Math.round(Math.max(GAP, Math.min(at, all - size - GAP)));
  const top = placement.startsWith('top') ? bell.top - panel.height - GAP : bell.bottom + GAP;
  // "end" is where lines end: the panel reaches from the bell back over the line.
  const isRight = placement.endsWith('end') === (direction === 'ltr');
  const left = isRight ? bell.right - panel.width : bell.left;
  return `.panel{top:${within(top, panel.height, window.height)}px;left:${within(left, panel.width, window.width)}px}`;
}
