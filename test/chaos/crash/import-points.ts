import type { CrashPoint } from './crash-points.ts';

const STAGED = /analyze import_rows/;
const CHOICES = /insert into user_preferences as p/;
const PROGRESS = /update imports set position/;
const LEAVE = /update imports set lease_token = null/;

/** Every step of an import between two commits at which the API that receives it can die. */
export const IMPORT_POINTS: readonly CrashPoint[] = [
  {
    name: 'import: part staged, not merged',
    program: 'api',
    onRecord: 'the import; nothing of its file',
    crash: { statement: STAGED, when: 'after' },
    leadsTo: 'once',
  },
  {
    name: 'import: part merged, progress not stored',
    program: 'api',
    onRecord: 'the import; nothing of its file (the part is not committed)',
    crash: { statement: CHOICES, when: 'after' },
    leadsTo: 'once',
  },
  {
    name: 'import: progress stored, not committed',
    program: 'api',
    onRecord: 'the import; nothing of its file',
    crash: { statement: PROGRESS, when: 'before commit' },
    leadsTo: 'once',
  },
  {
    name: 'import: part committed, not reported',
    program: 'api',
    onRecord: 'a part and its progress; the client has no answer and sends the file again',
    crash: { statement: PROGRESS, when: 'after commit' },
    leadsTo: 'once',
  },
  {
    name: 'import: read to its end, not finished',
    program: 'api',
    onRecord: 'all of the file; the import still has its upload',
    crash: { statement: LEAVE, when: 'before' },
    leadsTo: 'once',
  },
  {
    name: 'import: finished, not answered',
    program: 'api',
    onRecord: 'all of the file; the client has no answer and sends it again',
    crash: { statement: LEAVE, when: 'after' },
    leadsTo: 'once',
  },
];
