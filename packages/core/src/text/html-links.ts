/** The value of a quoted `href` of an `<a>` start tag, as offsets into the HTML. */
export interface QuotedHref {
  /** Of the opening quote. */
  begin: number;
  /** After the closing quote. */
  end: number;
  /** Between the quotes, entities not decoded. */
  value: string;
}

/**
 * Finds the quoted `href` of every `<a>` start tag, in order. One pass by the rules of the HTML tokenizer (HTML
 * Standard, 13.2.5), in linear time for any text: a regular expression that may start at every `<a` is quadratic
 * over `<a <a <a`. Comments, scripts, style sheets and texts inside other attributes hold no links. Conditional
 * comments (`<!--[if mso]>`) do: Outlook reads them as markup.
 *
 * @param html any text, well-formed or not.
 */
export function* quotedHrefs(html: string): Generator<QuotedHref> {
  for (let at = html.indexOf('<'); at !== -1; at = html.indexOf('<', at)) {
    const next = html.charCodeAt(at + 1);
    if (next === BANG || next === QUESTION) {
      at = afterDeclaration(html, at);
    } else if (next === SLASH) {
      at = indexAfter(html, '>', at + 2);
    } else if (isLetter(next)) {
      const tag = readTag(html, at + 1);
      if (tag.name === 'a' && tag.href !== null && tag.closed) yield tag.href;
      at = RAW_TEXT.has(tag.name) ? endOfRawText(html, tag) : tag.end;
    } else at += 1;
    if (at === html.length) return;
  }
}

const BANG = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

/** Elements whose content is text for the tokenizer: a `<a` in it is not a tag. */
const RAW_TEXT: ReadonlySet<string> = new Set([
  ...['script', 'style', 'textarea', 'title', 'xmp', 'iframe', 'noembed', 'noframes'],
]);
const LONGEST_NAME = 16;
/** Longest recognized condition of a conditional comment: `[if (gte mso 9)|(IE)]>`. */
const CONDITION_LENGTH = 128;

interface StartTag {
  /** In lower case; empty for names longer than any that matters here. */
  name: string;
  /** After the `>`, or the end of the text. */
  end: number;
  /** False if the text ends inside the tag: then it is not a tag. */
  closed: boolean;
  href: QuotedHref | null;
}

/** Reads a start tag whose name begins at `at`. Of two attributes with one name the first counts. */
function readTag(html: string, at: number): StartTag {
  let p = skipWhile(html, at, isNamePart);
  const name = p - at <= LONGEST_NAME ? html.slice(at, p).toLowerCase() : '';
  let href: QuotedHref | null = null;
  let seen = false;
  while (p < html.length) {
    p = skipWhile(html, p, isSpaceOrSlash);
    if (html.charCodeAt(p) === GREATER) return { name, end: p + 1, closed: true, href };
    const key = p;
    // A `=` at its start is part of an attribute's name.
    p = skipWhile(html, p + 1, isKeyPart);
    const isHref = p - key === 4 && html.slice(key, p).toLowerCase() === 'href';
    const equals = skipWhile(html, p, isSpace);
    if (html.charCodeAt(equals) !== EQUALS) {
      seen ||= isHref;
      continue;
    }
    const begin = skipWhile(html, equals + 1, isSpace);
    const quote = html.charCodeAt(begin);
    if (quote === QUOTE || quote === APOSTROPHE) {
      p = indexAfter(html, quote === QUOTE ? '"' : "'", begin + 1);
      if (isHref && !seen) href = { begin, end: p, value: html.slice(begin + 1, p - 1) };
    } else p = skipWhile(html, begin, isUnquotedPart);
    seen ||= isHref;
  }
  return { name, end: html.length, closed: false, href };
}

function afterDeclaration(html: string, at: number): number {
  if (!html.startsWith('<!--', at)) return indexAfter(html, '>', at + 2);
  if (html.startsWith('[if', at + 4)) {
    const condition = html.slice(at + 4, at + 4 + CONDITION_LENGTH).indexOf(']>');
    if (condition !== -1) return at + 4 + condition + 2;
  }
  // `<!-->` and `<!--->` are whole comments.
  if (html.charCodeAt(at + 4) === GREATER) return at + 5;
  if (html.startsWith('->', at + 4)) return at + 6;
  return indexAfter(html, '-->', at + 4);
}

/** The end of the text if the element is not closed, as in a browser. */
function endOfRawText(html: string, { name, end }: StartTag): number {
  for (let at = html.indexOf('</', end); at !== -1; at = html.indexOf('</', at + 2)) {
    const after = at + 2 + name.length;
    if (html.slice(at + 2, after).toLowerCase() === name && !isNamePart(html.charCodeAt(after)))
      return indexAfter(html, '>', after);
  }
  return html.length;
}

/**
 * Where `needle` ends, or the end of the text: after a miss nothing more is searched, so all searches together are
 * linear.
 */
function indexAfter(html: string, needle: string, from: number): number {
  const at = html.indexOf(needle, from);
  return at === -1 ? html.length : at + needle.length;
}

function skipWhile(html: string, from: number, belongs: (code: number) => boolean): number {
  let p = from;
  while (p < html.length && belongs(html.charCodeAt(p))) p += 1;
  return Math.min(p, html.length);
}

const isSpace = (code: number): boolean =>
  code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0d || code === 0x0c;
const isLetter = (code: number): boolean => (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
const isSpaceOrSlash = (code: number): boolean => isSpace(code) || code === SLASH;
const isNamePart = (code: number): boolean => !isSpaceOrSlash(code) && code !== GREATER;
const isKeyPart = (code: number): boolean => isNamePart(code) && code !== EQUALS;
const isUnquotedPart = (code: number): boolean => !isSpace(code) && code !== GREATER;
