/** A month as `2026-11`, in the zone of the viewer. */
export type Month = string;

export function monthOf(date: Date): Month {
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`;
}

/** A day as `2026-11-29`, in the zone of the viewer. */
export function dayOf(date: Date): string {
  return `${monthOf(date)}-${String(date.getDate()).padStart(2, '0')}`;
}

/** @param text from an address: anything. */
export function readMonth(text: string | undefined, now: Date): Month {
  return text !== undefined && /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? text : monthOf(now);
}

export function startOf(month: Month): Date {
  const [year, number] = month.split('-').map(Number) as [number, number];
  return new Date(year, number - 1, 1);
}

export function shifted(month: Month, by: number): Month {
  const start = startOf(month);
  return monthOf(new Date(start.getFullYear(), start.getMonth() + by, 1));
}

/** The weeks of a month from Monday on; null for days of other months. */
export function weeksOf(month: Month): (string | null)[][] {
  const start = startOf(month);
  const before = (start.getDay() + 6) % 7;
  const length = new Date(start.getFullYear(), start.getMonth() + 1, 0).getDate();
  const cells: (string | null)[] = [
    ...Array<null>(before).fill(null),
    ...Array.from({ length }, (_, n) => `${month}-${String(n + 1).padStart(2, '0')}`),
  ];
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, week) => cells.slice(week * 7, week * 7 + 7));
}
