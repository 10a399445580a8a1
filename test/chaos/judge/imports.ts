import type { ImportedLine } from './imported-line.ts';
import type { Finding, Rule } from './rules.ts';

/** What is known about one import at the end of a run. All times in ms since the epoch. */
export interface ImportEvidence {
  id: string;
  /** The rows of its file, in order. */
  lines: readonly ImportedLine[];
  /** In order; the last one was taken when everything had settled. */
  snapshots: readonly ImportSnapshot[];
  /** Lines that it reports as flawed. */
  flawed: readonly number[];
  people: readonly ImportedPerson[];
  /** Whose wishes and changes were confirmed. */
  confirmed: Readonly<Record<Confirmed, ReadonlySet<string>>>;
  /** Addresses of which a suppression was confirmed, or an erasure that keeps one, and those that have one in the end. */
  suppressed: { confirmed: ReadonlySet<string>; present: ReadonlySet<string> };
}

export type Confirmed = 'opted out' | 'put' | 'changed later' | 'erased later';

/** What the import reports, and the people of its plain rows, read in one snapshot. */
export interface ImportSnapshot {
  at: number;
  isDone: boolean;
  /** Lines up to here are stored or reported. */
  position: number;
  read: number;
  failed: number;
  created: number;
  /** Plain rows whose person is in the table. */
  plain: number;
}

/** A recipient with an id of the file. */
export interface ImportedPerson {
  id: string;
  n: number | null;
  locale: string | null;
  addresses: readonly { address: string; isDisabled: boolean }[];
  /** Null: nothing was ever said. */
  wantsNews: boolean | null;
}

/** Of one rule in one import; the others say the same. */
const MOST_FINDINGS = 5;

/** Pure: holds an import against invariant 20, and against its own reports. */
export function judgeImport(evidence: ImportEvidence): Finding[] {
  return [
    findOptedIn(evidence),
    findLifted(evidence),
    findLostLines(evidence),
    findRepeatedLines(evidence),
    findUnreported(evidence),
    findUnfinished(evidence),
  ].flatMap((findings) => findings.slice(0, MOST_FINDINGS));
}

/** Who opted out, before or meanwhile, by a request or by a row of the file. */
function findOptedIn({ lines, people, confirmed }: ImportEvidence): Finding[] {
  const unwilling = new Set([...confirmed['opted out'], ...idsOf(lines, 'unwilling')]);
  return people
    .filter(({ id, wantsNews }) => unwilling.has(id) && wantsNews !== false)
    .map(({ id, wantsNews }) =>
      found('opted_in', id, `opted out, and the choice is ${wantsNews ?? 'gone'} after the import`),
    );
}

function findLifted({ lines, people, suppressed }: ImportEvidence): Finding[] {
  const bounced = new Set(idsOf(lines, 'bounced'));
  return [
    ...[...suppressed.confirmed]
      .filter((address) => !suppressed.present.has(address))
      .map((address) => found('lifted', address, 'its suppression is gone')),
    ...people
      .filter(({ id, addresses }) => bounced.has(id) && addresses.some(({ isDisabled }) => !isDisabled))
      .map(({ id }) => found('lifted', id, 'the address that was disabled can be used again')),
  ];
}

/** Everything that was reported as stored is in the table, at that moment and in the end. */
function findLostLines({ id, lines, snapshots, people, confirmed }: ImportEvidence): Finding[] {
  const known = new Map(people.map((person) => [person.id, person]));
  const position = snapshots.at(-1)?.position ?? 0;
  const last = new Map(lines.filter(isStorable).map((line) => [line.id, line]));
  const contentUpto = contentOf(lines);
  return [
    ...snapshots.flatMap(({ at, position: upto, plain }): Finding[] => {
      const { plain: wanted } = contentUpto(upto);
      return plain >= wanted
        ? []
        : [found('line_lost', id, `${plain} of ${wanted} plain rows are there at ${time(at)}, line ${upto}`)];
    }),
    ...[...last.values()].flatMap((line): Finding[] => {
      if (line.endLine > position || confirmed['erased later'].has(line.id)) return [];
      const problem = problemOf(line, known.get(line.id), confirmed);
      return problem === null ? [] : [found('line_lost', line.id, `line ${line.line}: ${problem}`)];
    }),
  ];
}

function problemOf(
  line: ImportedLine,
  person: ImportedPerson | undefined,
  confirmed: ImportEvidence['confirmed'],
): string | null {
  if (!person) return 'nobody has its id';
  if (person.n !== line.n) return `its attribute is ${person.n} and not ${line.n}`;
  if (!person.addresses.some(({ address }) => address === `${line.id}@example.com`))
    return 'its address is not there';
  if (person.wantsNews === null) return 'its choice is not there';
  if (confirmed.put.has(line.id) && person.locale !== PUT_LOCALE)
    return `its locale is ${person.locale}, and "${PUT_LOCALE}" was put`;
  return null;
}

/** What requests put while an import runs. */
export const PUT_LOCALE = 'de';

/** Nothing is stored before it is reported, counted twice, or stored again after it was reported. */
function findRepeatedLines({ id, lines, snapshots, people, confirmed }: ImportEvidence): Finding[] {
  const again = (subject: string, why: string): Finding => found('line_repeated', subject, why);
  const contentUpto = contentOf(lines);
  return [
    ...snapshots.flatMap(({ at, position, read, failed, created, plain }): Finding[] => {
      const { rows, plain: wanted, flawed, people: storable } = contentUpto(position);
      const when = `at ${time(at)}, line ${position}`;
      if (plain > wanted) return [again(id, `${plain} plain rows are there, and not ${wanted}, ${when}`)];
      if (read !== rows) return [again(id, `${read} rows are reported as read, and not ${rows}, ${when}`)];
      if (created > storable || created < wanted)
        return [again(id, `${created} people are reported as new, of ${storable}, ${when}`)];
      return failed === flawed ? [] : [again(id, `${failed} rows failed, and not ${flawed}, ${when}`)];
    }),
    ...people.flatMap((person): Finding[] => {
      if (confirmed['erased later'].has(person.id)) return [again(person.id, 'was erased, and is back')];
      if (confirmed['changed later'].has(person.id) && person.locale !== PUT_LOCALE)
        return [again(person.id, `its locale is ${person.locale}: what was put later is gone`)];
      const count = person.addresses.length;
      return count > 1 ? [again(person.id, `has ${count} addresses`)] : [];
    }),
  ];
}

/** Each flawed line is reported once. */
function findUnreported({ id, lines, flawed }: ImportEvidence): Finding[] {
  const wanted = lines.filter((line) => !isStorable(line)).map(({ line }) => line);
  const told = new Set(flawed);
  const silent = wanted.filter((line) => !told.has(line));
  if (silent.length > 0)
    return [found('line_lost', id, `${silent.length} flawed lines are not reported: ${silent.slice(0, 3)}`)];
  return flawed.length === wanted.length
    ? []
    : [found('line_repeated', id, `${flawed.length} errors are reported for ${wanted.length} flawed lines`)];
}

function findUnfinished({ id, lines, snapshots }: ImportEvidence): Finding[] {
  const last = snapshots.at(-1);
  if (!last) return [found('unfinished', id, 'nobody could look at it')];
  const end = lines.at(-1)?.endLine ?? 0;
  return last.isDone && last.position === end
    ? []
    : [found('unfinished', id, `${last.isDone ? 'done' : 'not done'} at line ${last.position} of ${end}`)];
}

const isStorable = ({ kind }: ImportedLine): boolean => kind !== 'flawed';
const idsOf = (lines: readonly ImportedLine[], kind: ImportedLine['kind']): string[] =>
  lines.filter((line) => line.kind === kind).map(({ id }) => id);

/** What the file has up to a line. Most snapshots are of few positions, and a file has many rows. */
function contentOf(lines: readonly ImportedLine[]): (position: number) => Content {
  const known = new Map<number, Content>();
  return (position) => {
    const before = known.get(position);
    if (before) return before;
    const upto = lines.filter(({ endLine }) => endLine <= position);
    const storable = upto.filter(isStorable);
    const content: Content = {
      rows: upto.length,
      plain: upto.filter(({ kind }) => kind === 'plain').length,
      flawed: upto.length - storable.length,
      people: new Set(storable.map(({ id }) => id)).size,
    };
    known.set(position, content);
    return content;
  };
}

interface Content {
  rows: number;
  plain: number;
  flawed: number;
  /** With a row that can be stored. */
  people: number;
}

const found = (rule: Rule, id: string, why: string): Finding => ({ rule, id, why });
const time = (ms: number): string => new Date(ms).toISOString().slice(11, 23);
