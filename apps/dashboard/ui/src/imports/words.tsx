import type { Import } from '@carillon/client/api-types';
import { Mark, type Tone } from '../elements/mark.tsx';

const STATES: Readonly<Record<Import['status'], readonly [Tone, string]>> = {
  running: ['waiting', 'Running'],
  interrupted: ['doubt', 'Stopped part-way'],
  done: ['good', 'Done'],
};

export function ImportMark({ status }: Pick<Import, 'status'>) {
  const [tone, title] = STATES[status];
  return <Mark tone={tone}>{title}</Mark>;
}

/** What it is: a check stores no recipient. */
export const kindOf = ({ dry_run: isCheck }: Pick<Import, 'dry_run'>): string =>
  isCheck ? 'Check' : 'Import';

/** Every digit: people compare these with their files. */
export const number = new Intl.NumberFormat('en').format;

/** "1 row", "2,000 rows". */
export const rows = (n: number): string => `${number(n)} ${n === 1 ? 'row' : 'rows'}`;
