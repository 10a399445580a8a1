import type { Channel } from '../notification/channel.ts';
import type { Content } from '../notification/message.ts';
import type { PlacedText } from './draft.ts';

/** Something that a template may do and that people mostly do not want. It prevents nothing. */
export interface TemplateWarning {
  code: WarningCode;
  /** The field: `channels.email.en.html`. */
  path: string;
  message: string;
  /** From 1; null if it concerns the whole field. */
  line: number | null;
  column: number | null;
}

export const WARNING_CODES = [
  'clipped',
  'image_without_alt',
  'no_plain_text',
  'long_subject',
  'link_to_nowhere',
  'differs_by_locale',
  'unknown_variable',
  'no_unsubscribe_link',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Gmail shows this much of the HTML of an e-mail, and a link to the rest. */
export const CLIPPED_AFTER_BYTES = 102 * 1024;
/** Mail programs on phones show about this much; RFC 5322 recommends lines of at most 78. */
const LONG_SUBJECT = 78;
const MAX_PER_FIELD = 20;

/** A text with the variables that it mentions, where its syntax was right. */
export interface CheckedText extends PlacedText {
  variables?: readonly string[] | undefined;
}

/** What the sources of a template show, without data. */
export function warnOfTexts(texts: readonly CheckedText[]): TemplateWarning[] {
  return [
    ...texts.flatMap(({ channel, locale, content }) =>
      warnOfSource(channel, content, `channels.${channel}.${locale}`),
    ),
    ...differencesByLocale(texts),
  ];
}

/** @param at the path of the text. */
export function warnOfSource(channel: Channel, content: Content, at: string): TemplateWarning[] {
  if (channel !== 'email') return [];
  const { html, text, subject = '' } = content;
  const warnings: TemplateWarning[] = [];
  if (html?.trim() && !text?.trim())
    warnings.push(
      whole(
        'no_plain_text',
        `${at}.text`,
        'there is HTML and no plain text: some people and filters want one',
      ),
    );
  if (!hasLiquid(subject)) warnings.push(...warnOfSubject(subject, at));
  if (html === undefined) return warnings;
  return [...warnings, ...warnOfSize(html, at), ...warnOfTags(html, `${at}.html`)];
}

/** What only a rendered message shows. */
export function warnOfRendered(channel: Channel, content: Content, at: string): TemplateWarning[] {
  if (channel !== 'email') return [];
  return [
    ...warnOfSubject(content.subject ?? '', at),
    ...(content.html === undefined ? [] : warnOfSize(content.html, at)),
  ];
}

/**
 * Variables of one text that its data does not bring. The text can be sent (required ones are refused before), but a
 * condition or a default always decides the same way: often a misspelt name.
 */
export function warnOfData(
  variables: readonly string[],
  data: Readonly<Record<string, unknown>>,
  at: string,
): TemplateWarning[] {
  const roots = new Set(variables.map((path) => path.split('.', 1)[0]!));
  return [...roots]
    .filter((root) => root !== 'unsubscribe_url' && root !== 'preferences_url' && !Object.hasOwn(data, root))
    .slice(0, MAX_PER_FIELD)
    .map((root) =>
      whole(
        'unknown_variable',
        at,
        `the text asks for "${root}", which this data does not have; check the spelling of both`,
      ),
    );
}

export function warnOfNoWayOut(at: string, category: string): TemplateWarning {
  return whole(
    'no_unsubscribe_link',
    at,
    `people may opt out of the category "${category}" and the text prints no {{ unsubscribe_url }}; mail programs get the header, but not all of them show a button`,
  );
}

function whole(code: WarningCode, path: string, message: string): TemplateWarning {
  return { code, path, message, line: null, column: null };
}

function warnOfSubject(subject: string, at: string): TemplateWarning[] {
  const { length } = [...subject];
  if (length <= LONG_SUBJECT) return [];
  const message = `is ${length} characters long; phones show about 40 and mail programs ${LONG_SUBJECT}: put what matters first`;
  return [whole('long_subject', `${at}.subject`, message)];
}

function warnOfSize(html: string, at: string): TemplateWarning[] {
  const bytes = Buffer.byteLength(html);
  if (bytes <= CLIPPED_AFTER_BYTES) return [];
  const message = `is ${Math.ceil(bytes / 1024)} kB; Gmail shows the first ${CLIPPED_AFTER_BYTES / 1024} kB and hides the rest, an unsubscribe link at the end included. Shorten it`;
  return [whole('clipped', `${at}.html`, message)];
}

/** Each is one pass over the text, whatever it contains. */
function warnOfTags(html: string, path: string): TemplateWarning[] {
  // What Liquid makes of it is not known here.
  const opaque = blanked(blanked(html, '{{', '}}', FILLER), '{%', '%}', FILLER);
  const source = blanked(opaque, '<!--', '-->', ' ');
  const found: TemplateWarning[] = [];
  for (const { start, tag } of tagsOf(source)) {
    if (found.length >= MAX_PER_FIELD) break;
    const problem = problemOfTag(tag);
    if (problem !== null) found.push({ ...problem, path, ...placeOf(html, start) });
  }
  return found;
}

/** Stands for a character of Liquid. */
const FILLER = '\u{E000}';

/** Of the same length, so that places stay. */
function blanked(text: string, open: string, close: string, filler: string): string {
  const parts: string[] = [];
  let at = 0;
  for (;;) {
    const start = text.indexOf(open, at);
    const end = start === -1 ? -1 : text.indexOf(close, start + open.length);
    if (end === -1) return parts.join('') + text.slice(at);
    parts.push(text.slice(at, start), filler.repeat(end + close.length - start));
    at = end + close.length;
  }
}

function* tagsOf(source: string): Generator<{ start: number; tag: string }> {
  for (let at = 0; ; ) {
    const start = source.indexOf('<', at);
    const end = start === -1 ? -1 : source.indexOf('>', start);
    if (end === -1) return;
    yield { start, tag: source.slice(start, end + 1) };
    at = end + 1;
  }
}

function problemOfTag(tag: string): Pick<TemplateWarning, 'code' | 'message'> | null {
  if (/^<img[\s/]/i.test(tag)) {
    // Liquid outside of quotes may be the attribute.
    const isOpen = tag.replace(/"[^"]*"|'[^']*'/g, '').includes(FILLER);
    if (isOpen || /\salt\s*=/i.test(tag)) return null;
    return {
      code: 'image_without_alt',
      message:
        'an image without alt: screen readers and programs that block images show nothing; describe it, or write alt="" if it only decorates',
    };
  }
  if (/^<a\s/i.test(tag) && /\shref\s*=\s*(?:""|''|"#"|'#')/i.test(tag))
    return { code: 'link_to_nowhere', message: 'a link that leads nowhere: write where it leads' };
  return null;
}

function placeOf(text: string, index: number): { line: number; column: number } {
  const before = text.slice(0, index).split('\n');
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function hasLiquid(text: string): boolean {
  return text.includes('{{') || text.includes('{%');
}

/** A variable that only some of a channel's locales print is mostly a misspelt one. */
function differencesByLocale(texts: readonly CheckedText[]): TemplateWarning[] {
  const warnings: TemplateWarning[] = [];
  for (const channel of new Set(texts.map((text) => text.channel))) {
    const known = texts.filter((text) => text.channel === channel && text.variables !== undefined);
    if (known.length < 2) continue;
    const names = new Set(known.flatMap(({ variables }) => variables!));
    for (const name of names) {
      const [having, lacking] = [true, false].map((has) =>
        known.filter(({ variables }) => variables!.includes(name) === has).map(({ locale }) => locale),
      ) as [string[], string[]];
      if (lacking.length === 0 || warnings.length >= MAX_PER_FIELD) continue;
      const message = `"${name}" is used in ${listed(having)} and not in ${listed(lacking)}; check the spelling`;
      warnings.push(whole('differs_by_locale', `channels.${channel}.${having[0]}`, message));
    }
  }
  return warnings;
}

function listed(locales: readonly string[]): string {
  return locales.length > 3
    ? `${locales.slice(0, 3).join(', ')} and ${locales.length - 3} more`
    : locales.join(', ');
}
