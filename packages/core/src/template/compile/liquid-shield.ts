import { TypeGuards } from 'liquidjs';
import { tokenize } from '../syntax/engine.ts';

/** One tag or output of a source. */
export interface ShieldedTag {
  text: string;
  /** Its offset in the source. */
  at: number;
  /** A tag, as opposed to an output: what stands between two of them must stay between them. */
  isControl: boolean;
}

export interface Shielded {
  /** The source with a short mark in the place of each tag and output. */
  text: string;
  tags: readonly ShieldedTag[];
}

const [OPEN, CLOSE] = ['\u{E000}', '\u{E001}'];
const MARK = /\u{E000}(\d+)\u{E001}/gu;

/** Whether a source has characters of the marks, which nobody can see. */
export function hasMarks(source: string): boolean {
  return source.includes(OPEN) || source.includes(CLOSE);
}

/**
 * Puts marks in the place of Liquid while a compiler works on the text around it, which knows nothing of Liquid: quotes in it
 * would end attributes, `<` would begin elements.
 *
 * @param source without marks; its syntax is right.
 */
export function shield(source: string): Shielded {
  const tags: ShieldedTag[] = [];
  let text = '';
  let at = 0;
  for (const token of tokenize('html', source)) {
    const isControl = TypeGuards.isTagToken(token);
    if (!isControl && !TypeGuards.isOutputToken(token)) continue;
    text += `${source.slice(at, token.begin)}${OPEN}${tags.length}${CLOSE}`;
    tags.push({ text: source.slice(token.begin, token.end), at: token.begin, isControl });
    at = token.end;
  }
  return { text: text + source.slice(at), tags };
}

/** @param written what a tag becomes; itself unless given. */
export function unshield(
  text: string,
  tags: readonly ShieldedTag[],
  written: (tag: ShieldedTag) => string = (tag) => tag.text,
): string {
  return text.replace(MARK, (_, n: string) => written(tags[Number(n)]!));
}

/** Takes the empty lines around tags of a plain text that stand alone, one of which would be left where they print nothing. */
export function withoutLinesOfTags(text: string, tags: readonly ShieldedTag[]): string {
  return text
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n\n((?:\u{E000}\d+\u{E001}\s*)+)\n\n/gu, (lines, marks: string) => {
      const isControl = [...marks.matchAll(MARK)].every(([, n]) => tags[Number(n)]!.isControl);
      return isControl ? `${marks.replace(/\s/g, '')}\n\n` : lines;
    });
}

/**
 * Which tags a compiler lost. Every output must still be there at least once (an attribute may be written twice), and the tags
 * must be there once each, in order: else an `if` would end elsewhere than its author meant.
 *
 * @param compiled with marks.
 */
export function lostTags(compiled: string, tags: readonly ShieldedTag[]): ShieldedTag[] {
  const found = [...compiled.matchAll(MARK)].map(([, n]) => Number(n));
  const there = new Set(found);
  const lost = tags.filter((_, n) => !there.has(n));
  if (lost.length > 0) return lost;
  const controls = found.filter((n) => tags[n]!.isControl);
  const wanted = tags.flatMap(({ isControl }, n) => (isControl ? [n] : []));
  const moved =
    wanted.find((n, i) => controls[i] !== n) ??
    (controls.length > wanted.length ? controls[wanted.length] : undefined);
  return moved === undefined ? [] : [tags[moved]!];
}

/** Whether a message of a compiler is about a value that Liquid makes. */
export function isAboutMark(message: string): boolean {
  return message.includes(OPEN);
}
