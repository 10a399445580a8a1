import type { Figures } from './figures.ts';
import { ROWS, type Row } from './rows.ts';

/** Processes outside the system: the provider, the generator, everything else on the machine. */
const OUTSIDE = new Set(['simulator', 'load', 'elsewhere']);
const ADAPTER = 'adapter ';

/** The whole report as text: figures with ratio and target, processor time by process, adapters, faults. */
export function report(figures: Figures): string {
  const measured = ROWS.filter(({ figure }) => figures.of(figure, 'carillon') !== null);
  const parts = [
    [['', 'Carillon', 'control', 'ratio', 'target', ''], ...measured.map((row) => cells(figures, row))],
    [['us of processor time', ...CPU_COLUMNS.map(([label]) => label)], ...cpuRows(figures)],
    [['adapter, batches of 500', 'per second', 'us worker', 'us system'], ...adapterRows(figures)],
  ];
  const tables = parts.filter((rows) => rows.length > 1).map(grid);
  return [...tables, faults(figures), disturbance(figures)].filter((part) => part !== '').join('\n\n');
}

/** Above this share of the used processor time, the work of other processes causes a warning. */
const NOTABLE = 0.1;

function disturbance(figures: Figures): string {
  const shares = (['carillon', 'control'] as const).flatMap((who) =>
    ['end to end batch', 'end to end single'].flatMap((name) => {
      const used = figures.below(`cpu ${name}`).map((figure) => figures.of(figure, who) ?? 0);
      const elsewhere = figures.of(`cpu ${name} elsewhere`, who);
      return elsewhere === null ? [] : [elsewhere / used.reduce((sum, us) => sum + us, 0)];
    }),
  );
  const worst = Math.max(0, ...shares);
  if (worst <= NOTABLE) return '';
  return `The machine was not ours alone: up to ${(worst * 100).toFixed(0)} % of the processor time that was used went elsewhere. Rates are too low, times too high; ratios hold roughly.`;
}

/** Microseconds per notification of all processes of the system during a run; what is outside does not count. */
export function systemCpu(cpuUs: Readonly<Record<string, number>>): number {
  return Object.entries(cpuUs).reduce((sum, [name, us]) => (OUTSIDE.has(name) ? sum : sum + us), 0);
}

function cells(figures: Figures, row: Row): string[] {
  const ours = figures.of(row.figure, 'carillon');
  const theirs = figures.of(row.figure, 'control');
  const ratio = ratioOf(row, ours, theirs);
  const wanted = [
    row.target === undefined
      ? null
      : `${row.better === 'higher' ? '>=' : '<='} ${number(row.target, row.target < 10 && !Number.isInteger(row.target) ? 2 : 0)} ${row.unit}`,
    row.ratio === undefined ? null : `>= ${row.ratio}x`,
  ].filter((each) => each !== null);
  return [
    row.label,
    shown(ours, row),
    shown(theirs, row),
    ratio === null ? '' : `${ratio.toFixed(1)}x`,
    wanted.join(', '),
    verdict(row, ours, ratio),
  ];
}

/** How many times better Carillon is. */
function ratioOf({ better }: Row, ours: number | null, theirs: number | null): number | null {
  if (ours === null || theirs === null || ours <= 0 || theirs <= 0) return null;
  return better === 'higher' ? ours / theirs : theirs / ours;
}

function verdict(row: Row, ours: number | null, ratio: number | null): string {
  if (ours === null || (row.target === undefined && row.ratio === undefined)) return '';
  const reached =
    row.target === undefined || (row.better === 'higher' ? ours >= row.target : ours <= row.target);
  const ahead = row.ratio === undefined || ratio === null || ratio >= row.ratio;
  return reached && ahead ? 'reached' : 'MISSED';
}

const CPU_COLUMNS: readonly [label: string, figure: string, who: 'carillon' | 'control'][] = [
  ['batch', 'end to end batch', 'carillon'],
  ['single', 'end to end single', 'carillon'],
  ['accept batch', 'accepts batch', 'carillon'],
  ['accept single', 'accepts single', 'carillon'],
  ['control batch', 'end to end batch', 'control'],
  ['control single', 'end to end single', 'control'],
];

function cpuRows(figures: Figures): string[][] {
  const processes = new Set(
    CPU_COLUMNS.flatMap(([, name]) =>
      figures.below(`cpu ${name}`).map((figure) => figure.slice(`cpu ${name} `.length)),
    ),
  );
  const inside = [...processes].filter((process) => !OUTSIDE.has(process));
  const outside = [...processes].filter((process) => OUTSIDE.has(process));
  const line = (process: string) => [
    process,
    ...CPU_COLUMNS.map(([, name, who]) => number(figures.of(`cpu ${name} ${process}`, who))),
  ];
  const totals = CPU_COLUMNS.map(([, name, who]) => {
    const each = inside
      .map((process) => figures.of(`cpu ${name} ${process}`, who))
      .filter((us) => us !== null);
    return each.length === 0 ? '' : number(each.reduce((sum, us) => sum + us, 0));
  });
  if (inside.length === 0) return [];
  return [
    ...inside.map(line),
    ['the system', ...totals],
    ...outside.map((process) => [`(${process})`, ...line(process).slice(1)]),
  ];
}

function adapterRows(figures: Figures): string[][] {
  const names = figures.below('adapter').map((figure) => figure.slice(ADAPTER.length));
  return names.map((name) => {
    const cpu = Object.fromEntries(
      figures
        .below(`cpu ${ADAPTER}${name}`)
        .map((figure) => [figure.split(' ').at(-1)!, figures.of(figure, 'carillon') ?? 0]),
    );
    const system = Object.keys(cpu).length === 0 ? null : systemCpu(cpu);
    return [
      name,
      number(figures.of(`${ADAPTER}${name}`, 'carillon')),
      number(cpu.worker === undefined ? null : cpu.worker + (cpu['worker-bulk'] ?? 0)),
      number(system),
    ];
  });
}

function faults(figures: Figures): string {
  const { faulty, runs } = figures;
  if (faulty.length === 0) return `0 lost and 0 doubled messages in ${runs} runs.`;
  return [
    `LOST OR DOUBLED in ${faulty.length} of ${runs} runs:`,
    ...faulty.map(({ run, lost, doubled }) => `  ${run}: ${lost} lost, ${doubled} doubled`),
  ].join('\n');
}

function shown(value: number | null, { unit, digits = 0 }: Row): string {
  return value === null ? '-' : `${number(value, digits)} ${unit}`;
}

function number(value: number | null, digits = 0): string {
  return value === null
    ? ''
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The first column to the left, figures to the right. */
function grid(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
