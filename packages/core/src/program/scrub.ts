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

/** Secrets that are known by how they begin: of Carillon, webhooks, Resend, SendGrid, Twilio, Google. */
const KEYS: readonly Rule[] = [
  [/(?<![A-Za-z0-9])(?:cln|car)_[\w-]+/g, '[api key]'],
  [/(?<![A-Za-z0-9])whsec_[\w+/=-]+/g, '[secret]'],
  [/(?<![A-Za-z0-9])re_[A-Za-z0-9_]{16,}/g, '[token]'],
  [/(?<![\w.])SG\.[\w-]{8,}(?:\.[\w-]+)?/g, '[token]'],
  [/(?<![A-Za-z0-9])(?:AC|SK)[0-9a-f]{32}(?::[0-9a-f]{32})?(?![0-9A-Za-z])/g, '[token]'],
  [/(?<![\w.])ya29\.[\w-]+/g, '[token]'],
  [/(?<![\w-])AIza[\w-]{30,}/g, '[token]'],
];

const RULES: readonly Rule[] = [
  // A "/" in a password makes the URL invalid, and exactly then libraries report it: it ends at the last "@" as well.
  [/(?<=:\/\/)(?:[^\s/?#"'<>]{0,500}|[^\s/?#@:"'<>]{0,500}:[^\s"'<>]{0,500})@/g, '[credentials]@'],
  [/(?<=:\/\/[^\s?#"'<>]{1,2000})[?#][^\s"'<>]*/g, '?[query]'],
  // The path of a hook is its password, and cannot be distinguished from a harmless one.
  [/(?<=\b(?:https?|wss?):\/\/[^\s/?#"'<>]{1,500})\/(?!\.\.\.)[^\s?"'<>]+/g, '/[path]'],

  [/(?<=\bbearer\s+)[\w.~+/=:-]+/gi, '[token]'],
  [/(?<=\bbasic\s+)[\w.~+/=-]{8,}/gi, '[token]'],
  ...KEYS,
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
    /(?<=\b(?:password|passwd|pwd|secret|token|api[_-]?key|authorization)["']?\s?[:=]\s?)(?!\[|(?:correct|put) it in)(?:"[^"]*"|'[^']*'|[^\s"',;&)}]+)/gi,
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

  // One word in quotes is a name of the schema or of a setting; more are what somebody wrote, or a command to run.
  [/"[^"\n]*"/g, (quoted) => (isWritten(quoted) ? '"[value]"' : quoted)],
  [/(?<!\w)'[^'\n]*'(?!\w)/g, (quoted) => (isWritten(quoted) ? "'[value]'" : quoted)],
];

const COMMAND = /^.(?:node|npm|docker|createdb|openssl|carillon-admin) /;
const isWritten = (quoted: string): boolean => /\s/.test(quoted) && !COMMAND.test(quoted);

/**
 * @param text any length; line breaks stay.
 * @returns the text with e-mail addresses, phone numbers, credentials, paths and queries of URLs, API keys, tokens,
 *   values of PostgreSQL details, quoted values after "=" and quoted texts of several words replaced. Identifiers
 *   (UUIDs), host names, network addresses, file paths and times stay. Names of people and one-time codes cannot be
 *   recognised: do not put them into messages.
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

/** Longer texts are cut: nobody reads more, and all of it would be stored. */
const MOST_CHARACTERS = 4_000;
/** More is not looked at, to save time. Only after that is a text cut, or half an address could escape the rules. */
const MOST_SCRUBBED = 100_000;

/** @returns the scrubbed text, at most 4,000 characters of it. */
export function scrubLine(text: string): string {
  return scrub(text.slice(0, MOST_SCRUBBED)).slice(0, MOST_CHARACTERS);
}

/**
 * @param id of a thing, not of a person. Ids look random, so the rule for random text would remove them.
 * @returns the id as it is if it has the shape of one and is no known kind of secret; otherwise scrubbed.
 */
export function scrubId(id: string): string {
  const isId = /^[\w.:+/=-]{1,128}$/.test(id) && KEYS.every(([pattern]) => id.search(pattern) < 0);
  return isId ? id : scrubLine(id);
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
