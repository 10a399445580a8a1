import { readColumns } from '@carillon/core/import/columns';
import { mapOf } from '@carillon/core/import/propose';
import type { FileSample } from '@carillon/core/import/sample';

/** The whole request line and its headers have 16 KiB at most; cookies and the rest need their part. */
const MAX_QUERY = 10_000;

/** Why the columns cannot be imported as they are chosen, in sentences. The API would refuse the file. */
export function columnProblems({ format, names }: FileSample, fields: readonly string[]): string[] {
  if (format === 'ndjson')
    return names.includes('id') || names.includes('recipient_id')
      ? []
      : ['No field is the id. Write each object with "id": the id that your app has for the person.'];
  const problems: string[] = [];
  const doubled = names.filter((name, at) => names.indexOf(name) !== at);
  for (const name of new Set(doubled)) {
    const ways = new Set(names.flatMap((each, at) => (each === name ? [fields[at]] : [])));
    if (ways.size > 1)
      problems.push(
        `Several columns ${name === '' ? 'have no name' : `are named ${name}`}: they cannot become different things. Leave all of them out, or rename them in the file.`,
      );
  }
  const given = fields.filter((field) => field !== '');
  if (!given.includes('id'))
    problems.push('No column is the id: choose the one with the ids that your app has for people.');
  for (const field of new Set(given.filter((each, at) => given.indexOf(each) !== at)))
    problems.push(`Several columns become ${field}. Keep one of them.`);
  if (given.includes('attributes') && given.some((field) => field.startsWith('attributes.')))
    problems.push('Attributes are given as a whole and by name. Keep one of the two.');
  if (given.some((field) => /^(attributes|preferences)\.\s*$/.test(field)))
    problems.push('An attribute or a category has no name.');
  const map = mapOf(names, fields);
  if (problems.length === 0) {
    const read = readColumns(names, map);
    if ('errors' in read) problems.push(...read.errors.map(({ path, message }) => `${path}: ${message}`));
  }
  if (new URLSearchParams(map).toString().length > MAX_QUERY)
    problems.push(
      'So many columns become something else that the request would be too long. Rename them in the first line of the file, as attributes.<name>.',
    );
  return problems;
}
