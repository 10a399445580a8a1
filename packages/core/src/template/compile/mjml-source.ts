/** Components whose content is HTML or text as it is; the others hold components. */
const HOLDS_TEXT: ReadonlySet<string> = new Set([
  ...['mj-text', 'mj-button', 'mj-raw', 'mj-table', 'mj-style', 'mj-title', 'mj-preview'],
  ...['mj-accordion-title', 'mj-accordion-text', 'mj-navbar-link', 'mj-social-element'],
]);

const TAG = /<(\/?)(mjml|mj-[a-z-]+)((?:[^<>"']|"[^"]*"|'[^']*')*?)(\/?)>/gi;
const COMMENT = /<!--[\s\S]*?-->/g;

export interface MjmlPlaces {
  /** Whether components stand at this offset, and not the content of one. */
  isStructure(offset: number): boolean;
}

/** @param source with or without Liquid. */
export function mjmlPlaces(source: string): MjmlPlaces {
  const ends: { at: number; isStructure: boolean }[] = [];
  for (const { index, 0: whole, 1: slash, 2: name, 4: closed } of blanked(source).matchAll(TAG)) {
    const isInText = slash === '' && closed === '' && HOLDS_TEXT.has(name!.toLowerCase());
    ends.push({ at: index + whole.length, isStructure: !isInText });
  }
  return {
    isStructure: (offset) => ends.findLast(({ at }) => at <= offset)?.isStructure ?? true,
  };
}

/**
 * What MJML compiles without an error to something that nobody meant: a component that is not closed, one that is closed and
 * not open, an include (which it leaves out).
 *
 * @returns the offset and what is wrong; null if nothing is.
 */
export function componentProblem(source: string): { at: number; message: string } | null {
  const open: { name: string; at: number }[] = [];
  for (const { index, 1: slash, 2: tag, 4: closed } of blanked(source).matchAll(TAG)) {
    const name = tag!.toLowerCase();
    if (name === 'mj-include')
      return {
        at: index,
        message: '<mj-include> includes nothing here: use {% render "key" %} with a partial',
      };
    if (slash === '') {
      if (closed === '') open.push({ name, at: index });
      continue;
    }
    const last = open.pop();
    if (last === undefined)
      return { at: index, message: `</${name}> closes nothing that is open here: remove it` };
    if (last.name !== name)
      return {
        at: last.at,
        message: `<${last.name}> is not closed before </${name}>: write </${last.name}>`,
      };
  }
  const last = open.at(-1);
  return last ? { at: last.at, message: `<${last.name}> is not closed: write </${last.name}>` } : null;
}

/** Without comments, at the same offsets. */
function blanked(source: string): string {
  return source.replace(COMMENT, (comment) => ' '.repeat(comment.length));
}

/** MJML of a partial as a document, so that it can be tried alone. */
export function asDocument(mjml: string): { document: string; before: number } {
  const first = /<(mj-[a-z-]+)/i.exec(mjml)?.[1]?.toLowerCase() ?? '';
  if (/^\s*<mjml/i.test(mjml)) return { document: mjml, before: 0 };
  const [open, close] = ['mj-section', 'mj-wrapper', 'mj-hero', 'mj-raw'].includes(first)
    ? ['', '']
    : first === 'mj-column' || first === 'mj-group'
      ? ['<mj-section>', '</mj-section>']
      : ['<mj-section><mj-column>', '</mj-column></mj-section>'];
  const start = `<mjml><mj-body>${open}`;
  return { document: `${start}${mjml}${close}</mj-body></mjml>`, before: start.length };
}
