import { CAMPAIGN_POINTS } from './campaign-points.ts';
import { COLUMNS } from './columns.ts';
import { CRASH_POINTS, existsIn } from './crash-points.ts';
import { IMPORT_POINTS } from './import-points.ts';
import { INBOX_POINTS } from './inbox-points.ts';

const BEGIN = '<!-- crash points: written by test/chaos/crash/write-crash-table.ts -->';
const END = '<!-- end of crash points -->';

/** The section of docs/reports/crash-points.md, from the same table that the runs are made of. */
export function renderCrashSection(): string {
  const points = CRASH_POINTS.map((point) => {
    const { name, onRecord, leadsTo } = point;
    const ends = COLUMNS.map((column) => {
      if (!existsIn(point, column)) return '-';
      return leadsTo === 'once' ? 'once' : column.doubtEnds[0];
    });
    return `| ${[name, onRecord, ...ends].join(' | ')} |`;
  });
  return [
    BEGIN,
    '',
    'Every step between two commits at which a process can die. `npm run chaos -- --only crash-points` starts, for each point and each',
    'class, a process of its own that kills itself there (SIGKILL, once), then a sound one; the judge then compares what was accepted, what',
    'the provider has and what the database says. A reduced matrix is part of `npm test`. The columns tell how often the provider has it.',
    '',
    `| it dies at | on record then | ${COLUMNS.map(({ name }) => name).join(' | ')} |`,
    `|${'---|'.repeat(COLUMNS.length + 2)}`,
    ...points,
    '',
    ...COLUMNS.map(({ doubtEnds: [word, sentence] }) => `- *${word}*: a doubt, ${sentence}.`),
    '',
    'What had not left (down to "permitted, not sent"; classes B and D only down to "job taken") and is critical is at its provider within',
    '20 s after the death, if a healthy worker is there.',
    '',
    'In-app messages, and what their recipients do with them, have points of their own. Eight clients follow two inboxes at two API',
    'processes meanwhile, cut their connections and act on what they get: each message is in its inbox once, came to each client once as',
    'new, and in the end each client has the states and counts of the rows.',
    '',
    '| it dies at | process | on record then |',
    '|---|---|---|',
    ...INBOX_POINTS.map(({ name, program, onRecord }) => `| ${name} | ${program} | ${onRecord} |`),
    '',
    'So has the runner of a campaign. Another one goes on where it died: in the end everybody of the frozen audience has one notification or',
    'one reason why not, the counts agree with the rows in every snapshot, and nothing of a cancelled campaign is sent.',
    '',
    '| it dies at | process | on record then |',
    '|---|---|---|',
    ...CAMPAIGN_POINTS.map(({ name, program, onRecord }) => `| ${name} | ${program} | ${onRecord} |`),
    '',
    'And so has the API that receives an import. Its client sends the file, or the rest of it, again under the same id, while people of the',
    'file are changed, opt out, are suppressed and erased: in the end every line is stored or reported once, nothing that came after a line was',
    'reported is overwritten, every opt-out is one, and every suppression is there.',
    '',
    '| it dies at | process | on record then |',
    '|---|---|---|',
    ...IMPORT_POINTS.map(({ name, program, onRecord }) => `| ${name} | ${program} | ${onRecord} |`),
    '',
    END,
  ].join('\n');
}

/** Puts the section into the page: in place of the old one, else at its end. */
export function withCrashSection(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < 0) return `${page.trimEnd()}\n\n${renderCrashSection()}\n`;
  return page.slice(0, begin) + renderCrashSection() + page.slice(end + END.length);
}
