/** How an app looks on the pages that its recipients see. */
export interface Brand {
  /** The name for people; without it the name of the app. */
  name?: string | undefined;
  /** https; loaded by the browsers of recipients. */
  logo_url?: string | undefined;
  /** `#rrggbb`: buttons and links. */
  color?: string | undefined;
}

/** What is shown without a colour of the app. */
export const DEFAULT_COLOR = '#1f4fd8';

const LIGHT_PAGE = '#ffffff';
const DARK_PAGE = '#15171c';
/** WCAG 2.2, 1.4.3: text. */
const TEXT_CONTRAST = 4.5;

/** Colours of one scheme, all of them readable. */
export interface Palette {
  page: string;
  text: string;
  muted: string;
  line: string;
  /** Buttons: the colour of the app as it is. */
  fill: string;
  onFill: string;
  /** Links and focus: the colour of the app, made lighter or darker until it can be read on the page. */
  accent: string;
}

export function paletteOf(color: string, scheme: 'light' | 'dark'): Palette {
  const page = scheme === 'light' ? LIGHT_PAGE : DARK_PAGE;
  return {
    page,
    text: scheme === 'light' ? '#1a1c21' : '#eceef2',
    muted: scheme === 'light' ? '#565b66' : '#aeb4c0',
    line: scheme === 'light' ? '#767c88' : '#7d8491',
    fill: color,
    // Against one of the two every colour has a contrast of at least 4.58.
    onFill: contrast(color, '#ffffff') >= contrast(color, '#000000') ? '#ffffff' : '#000000',
    accent: readable(color, page, scheme === 'light' ? 0 : 255),
  };
}

/** WCAG 2.2: the contrast of two colours, 1 to 21. */
export function contrast(a: string, b: string): number {
  const [darker, lighter] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (lighter + 0.05) / (darker + 0.05);
}

function readable(color: string, page: string, towards: number): string {
  const channels = channelsOf(color);
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = hexOf(channels.map((value) => value + (towards - value) * share));
    if (contrast(mixed, page) >= TEXT_CONTRAST) return mixed;
  }
  return hexOf([towards, towards, towards]);
}

function luminance(color: string): number {
  const [r, g, b] = channelsOf(color).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function channelsOf(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function hexOf(channels: readonly number[]): string {
  return `#${channels.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
}
