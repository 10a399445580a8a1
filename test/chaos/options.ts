import { parseArgs } from 'node:util';

/** The options of `npm run chaos -- ...`. */
export interface Options {
  seed: number;
  notifications: number;
  faults: number;
  minutes: number;
  settleSeconds: number;
  only: ReadonlySet<Part>;
  /** Crash points, campaigns, imports, mutants and drills whose name does not contain it are left out. */
  match: string;
  /** Cells, mutants and deaths side by side; null: as many as each part is made for. */
  atOnce: number | null;
  json: string | null;
}

export const PARTS = [
  'run',
  'crash-points',
  'campaigns',
  'imports',
  'mutants',
  'drills',
  'neighbours',
  'cluster',
  'nodes',
] as const;
export type Part = (typeof PARTS)[number];

export const USAGE = `npm run chaos -- [options]
  --seed N             plans load and faults; the same seed plans the same (a random one, printed)
  --notifications N    in the run (120000)
  --faults N           in the run (210)
  --minutes N          over which load and faults are spread (20)
  --settle-seconds N   how long the system may take to settle after the last fault (600)
  --only A,B           of ${PARTS.join(', ')} (${PARTS.join(',')})
  --match TEXT         only crash points, campaigns, imports, mutants and drills whose name contains it
  --at-once N          cells, mutants and deaths side by side (of each part: 6, 4, 3 or 2)
  --json FILE          write verdicts and figures there`;

/** @throws with a sentence for the user */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      notifications: { type: 'string' },
      faults: { type: 'string' },
      minutes: { type: 'string' },
      'settle-seconds': { type: 'string' },
      only: { type: 'string', default: PARTS.join(',') },
      match: { type: 'string', default: '' },
      'at-once': { type: 'string' },
      json: { type: 'string' },
    },
  });
  const only = values.only.split(',').map((part) => {
    const known = PARTS.find((each) => each === part.trim());
    if (!known) throw new Error(`--only names "${part}"; the parts are ${PARTS.join(', ')}`);
    return known;
  });
  return {
    seed: whole('--seed', values.seed, 0, 2 ** 32 - 1) ?? Math.floor(Math.random() * 1_000_000),
    notifications: whole('--notifications', values.notifications, 1, 10_000_000) ?? 120_000,
    faults: whole('--faults', values.faults, 1, 100_000) ?? 210,
    minutes: number('--minutes', values.minutes, 0.1, 10_000) ?? 20,
    settleSeconds: whole('--settle-seconds', values['settle-seconds'], 1, 100_000) ?? 600,
    only: new Set(only),
    match: values.match,
    atOnce: whole('--at-once', values['at-once'], 1, 64),
    json: values.json ?? null,
  };
}

function number(name: string, text: string | undefined, least: number, most: number): number | null {
  if (text === undefined) return null;
  const value = Number(text);
  if (text.trim() !== '' && value >= least && value <= most) return value;
  throw new Error(`${name} is "${text}"; it must be a number from ${least} to ${most}`);
}

function whole(name: string, text: string | undefined, least: number, most: number): number | null {
  const value = number(name, text, least, most);
  if (value === null || Number.isInteger(value)) return value;
  throw new Error(`${name} is "${text}"; it must be a whole number`);
}
