import type { WriteStream } from 'node:tty';

const WIDTH = 32;

/** A progress bar on a terminal, and a line per tenth elsewhere (a file, a CI log). */
export class Progress {
  readonly #out: WriteStream | null;
  #lastTenth = -1;

  /** @param out null for no output */
  constructor(out: WriteStream | null) {
    this.#out = out;
  }

  show(what: string, done: number, total: number): void {
    const share = total === 0 ? 1 : Math.min(done / total, 1);
    const count = `${done.toLocaleString('en')} of ${total.toLocaleString('en')}`;
    if (this.#out?.isTTY) {
      const filled = Math.round(share * WIDTH);
      this.#out.write(`\r  ${what.padEnd(10)}${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${count}  `);
      return;
    }
    const tenth = Math.floor(share * 10);
    if (tenth === this.#lastTenth) return;
    this.#lastTenth = tenth;
    this.#out?.write(`  ${what} ${count}\n`);
  }

  /** Ends a stage: the next one starts on a new line. */
  end(): void {
    this.#lastTenth = -1;
    if (this.#out?.isTTY) this.#out.write('\n');
  }
}
