import { median } from './measure/percentiles.ts';

/** Collects what runs measured, by figure and contender; a figure is the median of its samples. */
export class Figures {
  readonly #samples = new Map<string, number[]>();
  #faults: { run: string; lost: number; doubled: number }[] = [];

  add(figure: string, who: 'carillon' | 'control', value: number): void {
    const key = `${figure} ${who}`;
    this.#samples.set(key, [...(this.#samples.get(key) ?? []), value]);
  }

  /** @returns null when it was not measured */
  of(figure: string, who: 'carillon' | 'control'): number | null {
    const samples = this.#samples.get(`${figure} ${who}`);
    return samples ? median(samples) : null;
  }

  /** Lost and doubled messages of one run, for the sentence at the end. */
  judge(run: string, faults: { lost: number; doubled: number }): void {
    this.#faults.push({ run, ...faults });
  }

  /** For a warm-up: its figures are thrown away, what it loses or doubles counts. */
  aside(): Figures {
    const aside = new Figures();
    aside.#faults = this.#faults;
    return aside;
  }

  get runs(): number {
    return this.#faults.length;
  }

  get faulty(): readonly { run: string; lost: number; doubled: number }[] {
    return this.#faults.filter(({ lost, doubled }) => lost + doubled > 0);
  }

  /** The figures of this name and below it (`cpu batch api` below `cpu batch`), without the contender. */
  below(figure: string): string[] {
    const names = [...this.#samples.keys()]
      .filter((key) => key.startsWith(`${figure} `))
      .map((key) => key.slice(0, key.lastIndexOf(' ')));
    return [...new Set(names)];
  }

  toJSON(): Record<string, number[]> {
    return Object.fromEntries(this.#samples);
  }
}
