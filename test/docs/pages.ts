import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '../..');

/** A Markdown page of the repository. */
export interface Page {
  /** From the root of the repository: `docs/sending.md`. */
  file: string;
  text: string;
}

/** Every page that people read: `docs/`, the root, and the packages' own. */
export function pages(): Page[] {
  return globSync(['*.md', 'docs/**/*.md', 'apps/*/*.md', 'packages/*/*.md'], { cwd: ROOT })
    .sort()
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
}

export function page(file: string): Page {
  return { file, text: readFileSync(path.join(ROOT, file), 'utf8') };
}

/** A fenced block of a page. */
export interface Fenced {
  language: string;
  text: string;
  /** Of its first line, from 1. */
  line: number;
}

/** The fenced blocks of a page, in their order; those of list items without their indentation. */
export function fencedBlocks({ text }: Page): Fenced[] {
  return [...text.matchAll(/^( *)```(\w*)\n([\s\S]*?)^\1```$/gm)].map((match) => ({
    language: match[2]!,
    text: match[3]!.replaceAll(new RegExp(`^${match[1]}`, 'gm'), ''),
    line: text.slice(0, match.index).split('\n').length + 1,
  }));
}

/** The text of a page outside its fenced blocks and code spans. */
export function prose({ text }: Page): string {
  return text.replaceAll(/^( *)```\w*\n[\s\S]*?^\1```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors({ text }: Page): Set<string> {
  const plain = text.replaceAll(/^( *)```\w*\n[\s\S]*?^\1```$/gm, '');
  return new Set(
    [...plain.matchAll(/^#+ (.+)$/gm)].map((match) =>
      match[1]!
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}
