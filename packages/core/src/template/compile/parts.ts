import { lookUpLocale, resolveLocale } from '../../recipient/locale.ts';

export const PART_KINDS = ['layout', 'partial'] as const;
/** A layout stands around the text of an e-mail; a partial is a piece of any text. */
export type PartKind = (typeof PART_KINDS)[number];

export interface PartName {
  kind: PartKind;
  key: string;
}

/** A layout or partial in a published text: what it was when the text was published. */
export interface UsedPart extends PartName {
  version: number;
  /** Of its texts: two parts of one version may differ if it was deleted and made again. */
  hash: string;
}

/** What a layout or partial has for e-mails in HTML, for those in MJML, and for plain text and the other channels. */
export interface PartText {
  html?: string;
  mjml?: string;
  text?: string;
}

/** For all locales, and for some of them. */
export interface PartTexts extends PartText {
  locales?: Readonly<Record<string, PartText>>;
}

/** A part as it is stored. */
export interface Part extends UsedPart {
  texts: PartTexts;
}

/** Parts by `partId`. */
export type Parts = ReadonlyMap<string, Part>;

export function partId({ kind, key }: PartName): string {
  return `${kind}:${key}`;
}

/** Which of a part's texts stands in which kind of source. */
export type PartForm = keyof PartText;

/** The text of a part for a locale, by look-up (RFC 4647), else the one for all locales. Undefined where it has none. */
export function partText({ texts }: Pick<Part, 'texts'>, form: PartForm, locale: string): string | undefined {
  const { locales = {} } = texts;
  const having = Object.keys(locales).filter((tag) => locales[tag]?.[form] !== undefined);
  // Without the fallback to `en`, which the text for all locales takes the place of.
  const chosen = having.length > 0 && texts[form] === undefined ? resolveLocale(having, [locale]) : null;
  const exact = lookUpLocale(having, locale);
  return locales[exact ?? chosen ?? '']?.[form] ?? texts[form];
}

/** How deep partials may render partials; a layout counts as one level. */
export const MAX_PART_DEPTH = 8;

/**
 * What a text or part names, by its source: also in comments, for nobody should delete what only a comment keeps from being
 * used.
 */
export function namedParts(sources: Iterable<string | undefined>, layout?: string): PartName[] {
  const names = new Map<string, PartName>();
  const add = (name: PartName) => names.set(partId(name), name);
  if (layout !== undefined) add({ kind: 'layout', key: layout });
  for (const source of sources)
    for (const [, , key] of source?.matchAll(RENDERS) ?? []) add({ kind: 'partial', key: key! });
  return [...names.values()];
}

const RENDERS = /\{%-?\s*render\s+(["'])([^"'\r\n]{1,255})\1/g;

/** All texts of a part, each with its path in the body. */
export function placedPartTexts(texts: PartTexts): { path: string; locale: string | null; text: PartText }[] {
  const { locales = {}, ...all } = texts;
  return [
    { path: '', locale: null, text: all },
    ...Object.entries(locales).map(([locale, text]) => ({ path: `locales.${locale}.`, locale, text })),
  ];
}
