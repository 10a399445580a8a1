import { type ImportedLine, kindOf } from '../judge/imported-line.ts';

/** A file of recipients, and what each of its rows means. */
export interface ImportFile {
  format: 'csv' | 'ndjson';
  text: string;
  lines: readonly ImportedLine[];
}

const HEAD = 'id,email,locale,attributes.n,attributes.note,preferences.news\n';

/**
 * Plans a file whose rows are of every kind by turns. All of them ask for news but one kind, which does not want any.
 *
 * @param prefix of its ids, so that two files have different people.
 */
export function planImportFile(format: ImportFile['format'], prefix: string, rows: number): ImportFile {
  const texts: string[] = format === 'csv' ? [HEAD] : [];
  const lines: ImportedLine[] = [];
  let next = texts.length + 1;
  for (let n = 0; n < rows; n++) {
    const kind = kindOf(n);
    // The second row of a person comes right behind the first one.
    const of = kind === 'repeated' ? n - 1 : n;
    const id = `${prefix}-${kindOf(of).replaceAll(' ', '-')}-${of}`;
    const note = n % 10 === 0 ? 'two\nlines' : 'one line';
    const row = {
      id,
      email: kind === 'flawed' ? 'nobody' : `${id}@example.com`,
      locale: kind === 'put' || kind === 'put in a batch' ? null : 'en',
      n,
      note,
      news: kind !== 'unwilling',
    };
    const text = format === 'csv' ? csvRow(row) : ndjsonRow(row);
    texts.push(text);
    const length = format === 'csv' && note !== 'one line' ? 2 : 1;
    lines.push({ kind, id, n, line: next, endLine: next + length - 1 });
    next += length;
  }
  return { format, text: texts.join(''), lines };
}

interface Row {
  id: string;
  email: string;
  locale: string | null;
  n: number;
  note: string;
  news: boolean;
}

const csvRow = ({ id, email, locale, n, note, news }: Row): string =>
  `${id},${email},${locale ?? ''},${n},"${note}",${news}\n`;

function ndjsonRow({ id, email, locale, n, note, news }: Row): string {
  const row = {
    id,
    email,
    ...(locale === null ? {} : { locale }),
    'attributes.n': n,
    'attributes.note': note,
    preferences: { news },
  };
  return `${JSON.stringify(row)}\n`;
}

/** The file from this line on: what an upload sends that goes on. */
export function restOf({ text }: ImportFile, line: number): string {
  let at = 0;
  for (let n = 1; n < line; n++) at = text.indexOf('\n', at) + 1;
  return text.slice(at);
}
