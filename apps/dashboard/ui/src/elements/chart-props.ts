/** What a Chart and its drawing share. */
export interface Line {
  name: string;
  /** One for each of `at`; null where nothing was measured. */
  values: readonly (number | null)[];
}

export interface ChartProps {
  title: string;
  /** Seconds since 1970. */
  at: readonly number[];
  lines: readonly Line[];
  /** A value as people read it: "1.2 s". */
  format(value: number): string;
  /** The greatest value of the scale, where it is known: 1 for a share. */
  max?: number;
  /** In the place of a chart without values. */
  empty?: string;
}
