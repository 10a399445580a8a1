/**
 * Removes what may identify people or open doors from free text: messages of errors and of log lines. Each rule replaces
 * one kind of text by its name in brackets, so that a reader sees what was there. Where a rule cannot be sure, it
 * removes: a lost detail can be looked up in the database, a leaked one cannot be taken back.
 *
 * A pattern starts only at the beginning of a run of its characters, or has a bound, so the time grows linearly with the
 * text. PostgreSQL bounds the values of a key to 2,704 bytes and cuts those of a row.
 */
type Rule = readonly [pattern: RegExp, replacement: string | ((match: string) => string)];

const LOCAL = String.raw`[^\s@<>()\[\]{}"',;:=/|%]`;
const DOMAIN = String.raw`(?:\[[^\]\s]{2,64}\]|(?:[\p{L}\p{N}_-]+\.)*\p{L}[\p{L}\p{N}-]*)`;
const IP = String.raw`\d{1,3}(?:\.\d{1,3}){3}(?!\d)`;

const RULES: readonly Rule[] = [
  // A "/" in a password makes the URL invalid, and exactly then libraries report it: it ends at the last "@" as well.
  [/(?<=:\/\/)(?:[^\s/?#"'<>]{0,500}|[^\s/?#@:"'<>]{0,500}:[^\s"'<>]{0,500})@/g, '[credentials]@'],
  [/(?<=:\/\/[^\s?#"'<>]{1,2000})[?#][^\s"'<>]*/g, '?[query]'],

  [/(?<=\bbearer\s+)[\w.~+/=:-]+/gi, '[token]'],
  [/(?<=\bbasic\s+)[\w.~+/=-]{8,}/gi, '[token]'],
  [/(?<![A-Za-z0-9])car_[\w-]+/g, '[api key]'],
  [/(?<![\w.-])eyJ[\w-]+\.[\w.-]+/g, '[token]'],

  // PostgreSQL: https://www.postgresql.org/docs/current/protocol-error-fields.html (details name the values of a row).
  [
    /(?<=\bKey \([^\n]{1,500}?\)=)\([\s\S]{0,3000}?\)(?= (?:already exists|is not present|is still referenced|is duplicated|conflicts))/g,
    '([value])',
  ],
  [/(?<=\b[Kk]ey \([^\n]{1,500}?\)=)\((?!\[value\]\))[^\n]{0,3000}\)/g, '([value])'],
  [/(?<=\bFailing row contains )\([\s\S]{0,8000}\)/g, '([row])'],
  // Drizzle puts the values of a statement into the message.
  [/(?<=\nparams: )[\s\S]*/g, '[values]'],
  [/(?<=\binvalid input (?:syntax|value) for [^\n:"]{1,100}(?: "[^"\n]*")?: )"[^\n]*"/g, '"[value]"'],

  [
    /(?<=\b(?:password|passwd|pwd|secret|token|api[_-]?key|authorization)["']?\s?[:=]\s?)(?!\[)(?:"[^"]*"|'[^']*'|[^\s"',;&)}]+)/gi,
    '[secret]',
  ],
  [/(?<==\s?)"(?:[^"\\]|\\[\s\S])*"/g, '"[value]"'],
  [/(?<==\s?)'(?:[^'\\]|''|\\[\s\S])*'/g, "'[value]'"],

  [new RegExp(`"[^"\\n@]{1,64}"@${DOMAIN}`, 'gu'), '[e-mail]'],
  [new RegExp(`(?<!${LOCAL})${LOCAL}+(?:@|%40)${DOMAIN}`, 'gu'), '[e-mail]'],

  [/(?<![\w+/=-])[\w+/-]{24,}={0,2}/g, tokenOrText],

  [/(?<![\w+])(?:\+|00)\d(?:[\s()./-]{0,3}\d){6,14}(?!\d)/g, '[phone]'],
  [new RegExp(String.raw`(?<![\w.:-])(?!${IP})\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}(?!\w)`, 'g'), '[phone]'],
  [/(?<![\w.:-])\(?0\d{1,5}\)?[\s/-]{1,2}\d{3,}(?:[\s-]?\d{2,}){0,4}(?!\w)/g, '[phone]'],
  [/(?<![\w.-])\d{9,15}(?![\w-])/g, '[phone]'],
];

/**
 * @param text any length; line breaks stay.
 * @returns the text with e-mail addresses, phone numbers, credentials and queries of URLs, API keys, tokens, values of
 *   PostgreSQL details and quoted values after "=" replaced. Identifiers (UUIDs), host names, network addresses, file
 *   paths and times stay. Names of people cannot be recognised: do not put them into messages.
 */
export function scrub(text: string): string {
  let scrubbed = text;
  for (const [pattern, replacement] of RULES) {
    scrubbed =
      typeof replacement === 'string'
        ? scrubbed.replace(pattern, replacement)
        : scrubbed.replace(pattern, replacement);
  }
  return scrubbed;
}

/** Random text has digits and no words; a path is looked at name by name. */
function tokenOrText(match: string): string {
  if (match.startsWith('/'))
    return match
      .split('/')
      .map((name) => (looksRandom(name) ? '[token]' : name))
      .join('/');
  return looksRandom(match) ? '[token]' : match;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function looksRandom(text: string): boolean {
  if (text.length < 24 || UUID.test(text) || !/\d/.test(text)) return false;
  if (/^[0-9a-fA-F]+=*$/.test(text)) return true;
  if (/[a-z]/.test(text) && /[A-Z]/.test(text)) return true;
  return text.length >= 32 && !/[/_-]/.test(text);
}
