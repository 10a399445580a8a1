import { randomBytes } from 'node:crypto';

/**
 * Private texts of every kind, different in every run, and a search for them in what a system emits. None has a word
 * that could be there for another reason.
 */
export interface Plants {
  /** By what it is, such as `subject`. */
  readonly texts: Readonly<Record<string, string>>;
  /** Adds a text that the system made itself, such as a signing secret. @returns the text */
  add(name: string, text: string): string;
  /**
   * @param emitted any text; also looked at after URL decoding and in lower case.
   * @returns the names of the plants that it holds: as they are, in base64, base64url or hexadecimal digits.
   */
  foundIn(emitted: string): string[];
}

/** At most this many characters may precede a plant in its base64: each length gives another text. */
const ALIGNMENTS = [0, 1, 2];

export function plant(given: Readonly<Record<string, string>>): Plants {
  const texts: Record<string, string> = {};
  const forms = new Map<string, readonly string[]>();
  const add = (name: string, text: string): string => {
    texts[name] = text;
    forms.set(name, formsOf(text));
    return text;
  };
  for (const [name, text] of Object.entries(given)) add(name, text);
  return {
    texts,
    add,
    foundIn(emitted) {
      const seen = [emitted, decoded(emitted)].join('\n');
      const lower = seen.toLowerCase();
      return [...forms.keys()].filter(
        (name) =>
          lower.includes(texts[name]!.toLowerCase()) || forms.get(name)!.some((form) => seen.includes(form)),
      );
    },
  };
}

/** Eight characters that differ in every run. */
export const unlike = (): string => randomBytes(4).toString('hex');

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  const base64 = ALIGNMENTS.map((at) => {
    const padded = Buffer.concat([Buffer.alloc(at), bytes]).toString('base64');
    // Characters that also depend on what is before or after are left out.
    return padded.slice(Math.ceil((at * 8) / 6), Math.floor(((at + bytes.length) * 8) / 6));
  });
  const url = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...base64, ...url, bytes.toString('hex'), JSON.stringify(text).slice(1, -1)])];
}

function decoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}
