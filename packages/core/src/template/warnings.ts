import type { Channel } from '../notification/channel.ts';
import type { Content } from '../notification/message.ts';
import type { PlacedText, SourceContent } from './draft.ts';
import { isBlank } from './render/blank.ts';

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
  'relative_link',
  'insecure_link',
  'bad_link',
  'spam_subject',
  'low_contrast',
  'new_variable',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Gmail shows this much of the HTML of an e-mail, and a link to the rest. */
export const CLIPPED_AFTER_BYTES = 102 * 1024;
/** Mail programs on phones show about this much; RFC 5322 recommends lines of at most 78. */
const LONG_SUBJECT = 78;
const MAX_PER_FIELD = 20;

/** A text with what was made of it and the variables that it mentions, where its syntax was right. */
export interface CheckedText extends PlacedText {
  variables?: readonly string[] | undefined;
  compiled?: Content | undefined;
}

/** What the sources of a template show, without data. */
export function warnOfTexts(texts: readonly CheckedText[]): TemplateWarning[] {
  return [
    ...texts.flatMap(({ channel, locale, content, compiled }) =>
      warnOfSource(channel, content, `channels.${channel}.${locale}`, compiled),
    ),
    ...differencesByLocale(texts),
  ];
}

/**
 * @param at the path of the text.
 * @param compiled what was made of it, with its layout and partials; the text itself unless given.
 */
export function warnOfSource(
  channel: Channel,
  source: SourceContent,
  at: string,
  compiled: Content = source,
): TemplateWarning[] {
  if (channel !== 'email') return [];
  const { html, mjml, subject = '' } = source;
  const warnings: TemplateWarning[] = [];
  if (compiled.html?.trim() && isBlank(compiled.text))
    warnings.push(
      whole(
        'no_plain_text',
        `${at}.text`,
        'there is HTML and no plain text, and none can be made of it: some people and filters want one',
      ),
    );
  warnings.push(...warnOfWords(subject, at));
  if (!hasLiquid(subject)) warnings.push(...warnOfSubject(subject, at));
  if (compiled.html !== undefined) warnings.push(...warnOfSize(compiled.html, at));
  if (html !== undefined) warnings.push(...warnOfTags(html, `${at}.html`));
  if (mjml !== undefined) warnings.push(...warnOfTags(mjml, `${at}.mjml`));
  return warnings;
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

/**
 * Variables that a version needs and the published one does not: who sends without them is refused from then on.
 *
 * @param recent of the last messages with the template, how many there were and how many had each variable.
 */
export function warnOfNewVariables(
  before: readonly string[],
  now: readonly string[],
  recent: { messages: number; having: Readonly<Record<string, number>> } = { messages: 0, having: {} },
): TemplateWarning[] {
  return now
    .filter((name) => !before.includes(name))
    .slice(0, MAX_PER_FIELD)
    .map((name) => {
      const lacking = recent.messages - (recent.having[name.split('.', 1)[0]!] ?? 0);
      const callers =
        lacking > 0
          ? `; ${lacking} of the last ${recent.messages} messages with this template had no such data and would be refused`
          : '';
      const message = `"${name}" is needed now and was not by the version before: sends without it are refused${callers}. A default makes it optional: {{ ${name} | default: "..." }}`;
      return whole('new_variable', 'channels', message);
    });
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

/** Words that filters for spam count, in what is known of a subject. */
function warnOfWords(subject: string, at: string): TemplateWarning[] {
  const literal = blanked(blanked(subject, '{{', '}}', ' '), '{%', '%}', ' ');
  const letters = literal.match(/\p{L}/gu)?.length ?? 0;
  const capitals = literal.match(/\p{Lu}/gu)?.length ?? 0;
  const reasons = [
    letters >= MIN_SHOUTED && capitals === letters ? 'is all in capitals' : null,
    (literal.match(/[!\uff01]/g)?.length ?? 0) > 1 ? 'has more than one exclamation mark' : null,
    /[$\u20ac\u00a3]{2}/.test(literal) ? 'has signs of money in a row' : null,
  ].filter((reason) => reason !== null);
  if (reasons.length === 0) return [];
  return [whole('spam_subject', `${at}.subject`, `${reasons.join(' and ')}, which filters for spam count`)];
}

const MIN_SHOUTED = 6;

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

type TagProblem = Pick<TemplateWarning, 'code' | 'message'>;

function problemOfTag(tag: string): TagProblem | null {
  const name = /^<(img|mj-image|a|mj-button)[\s/]/i.exec(tag)?.[1]?.toLowerCase();
  if (name === 'img' || name === 'mj-image') {
    // Liquid outside of quotes may be the attribute.
    const isOpen = tag.replace(/"[^"]*"|'[^']*'/g, '').includes(FILLER);
    if (!isOpen && !/\salt\s*=/i.test(tag))
      return {
        code: 'image_without_alt',
        message:
          'an image without alt: screen readers and programs that block images show nothing; describe it, or write alt="" if it only decorates',
      };
    return problemOfUrl(attribute(tag, 'src'), 'an image') ?? problemOfStyle(tag);
  }
  if (name === 'a' || name === 'mj-button')
    return problemOfUrl(attribute(tag, 'href'), 'a link') ?? problemOfStyle(tag);
  return problemOfStyle(tag);
}

/** Null without it. */
function attribute(tag: string, name: 'src' | 'href' | 'style'): string | null {
  const [, double, single] = ATTRIBUTES[name].exec(tag) ?? [];
  return double ?? single ?? null;
}

const ATTRIBUTES = {
  src: /\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)')/i,
  href: /\shref\s*=\s*(?:"([^"]*)"|'([^']*)')/i,
  style: /\sstyle\s*=\s*(?:"([^"]*)"|'([^']*)')/i,
};

/** @param what begins the message. */
function problemOfUrl(value: string | null, what: 'a link' | 'an image'): TagProblem | null {
  // What begins with Liquid is not known here.
  if (value === null || value.trim().startsWith(FILLER)) return null;
  const url = value.trim();
  if (url === '' || url === '#')
    return { code: 'link_to_nowhere', message: `${what} that leads nowhere: write where it leads` };
  if (url.startsWith('#')) return null;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  const shown = JSON.stringify(url.replaceAll(FILLER, '').slice(0, 60));
  if (scheme === undefined)
    return {
      code: 'relative_link',
      message: `${what} to ${shown}, which has no address of a site: an e-mail has no page that it could be relative to. Write it whole, with https://`,
    };
  if (scheme === 'http')
    return { code: 'insecure_link', message: `${what} to ${shown} without encryption: write https` };
  if (scheme === 'https') {
    const host = /^https:\/\/([^/?#]*)/i.exec(url)?.[1];
    const isKnown = host !== undefined && (host.includes(FILLER) || /^[^\s@]+\.[^\s.]+$/.test(host));
    return isKnown ? null : { code: 'bad_link', message: `${what} to ${shown}, which names no site` };
  }
  const isUsual = what === 'a link' ? ['mailto', 'tel', 'sms'].includes(scheme) : scheme === 'cid';
  return isUsual
    ? null
    : { code: 'bad_link', message: `${what} with the scheme "${scheme}", which mail programs do not follow` };
}

/** Of a text and its ground in one style, as far as both are written there. */
function problemOfStyle(tag: string): TagProblem | null {
  const style = attribute(tag, 'style');
  if (style === null || !/background/i.test(style)) return null;
  const front = /(?:^|;)\s*color\s*:\s*(#[0-9a-f]{3,6})\b/i.exec(style)?.[1];
  const back = /(?:^|;)\s*background(?:-color)?\s*:\s*(#[0-9a-f]{3,6})\b/i.exec(style)?.[1];
  if (front === undefined || back === undefined) return null;
  const ratio = contrast(front, back);
  if (ratio >= MIN_CONTRAST) return null;
  return {
    code: 'low_contrast',
    message: `${front} on ${back} has a contrast of ${ratio.toFixed(1)} to 1; below ${MIN_CONTRAST} many people cannot read it`,
  };
}

/** WCAG 2.2, 1.4.3, level AA. */
const MIN_CONTRAST = 4.5;

function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function luminance(colour: string): number {
  const digits = colour.slice(1);
  const hex =
    digits.length < 6 ? [...digits.slice(0, 3)].map((digit) => digit + digit) : digits.match(/../g)!;
  const [red, green, blue] = hex.map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
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
