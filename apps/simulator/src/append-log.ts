import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const BLOCK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * A file of JSON lines that only grows. One `append` is one write to the page cache, so appended lines survive `kill
 * -9` of this process (not from a power cut: nothing here calls fsync). Writing synchronously is on purpose: a write of
 * a few kilobytes to the page cache is cheaper than a trip through the thread pool.
 */
export class AppendLog {
  readonly path: string;
  #fd: number;
  #size: number;

  /** Opens or creates the file and truncates a partial line that a killed process left at its end. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'a+', 0o600);
    this.#size = fstatSync(this.#fd).size;
    const sound = this.#endOfLastSoundLine();
    if (sound < this.#size) this.truncate(sound);
  }

  /** Bytes of complete lines; a reader that stops here never sees a partial line. */
  get size(): number {
    return this.#size;
  }

  /** Appends whole lines, all or nothing. @throws the file system's error (disk full); then nothing was added. */
  append(lines: string): void {
    const bytes = Buffer.from(lines);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
    } catch (error) {
      if (written > 0) this.truncate(this.#size);
      throw error;
    }
    this.#size += bytes.length;
  }

  /** Truncates the file at this offset. */
  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
    this.#size = size;
  }

  /** Fills the buffer from the offset, up to the end of the file; returns the number of bytes read. */
  read(buffer: Buffer, offset: number): number {
    const wanted = Math.min(buffer.length, this.#size - offset);
    return wanted <= 0 ? 0 : readSync(this.#fd, buffer, 0, wanted, offset);
  }

  /** The last lines, oldest first, that fit into this many bytes. */
  tail(bytes: number): string[] {
    const start = Math.max(0, this.#size - bytes);
    const buffer = Buffer.allocUnsafe(this.#size - start);
    this.read(buffer, start);
    const lines = buffer.toString('utf8').split('\n');
    lines.pop();
    // Unless it begins with the file, the first piece is the end of a line.
    return start === 0 ? lines : lines.slice(1);
  }

  close(): void {
    closeSync(this.#fd);
  }

  /** Searches backwards from the end for the last complete line of JSON. */
  #endOfLastSoundLine(): number {
    let end = this.#endOfLineBefore(this.#size);
    while (end > 0) {
      const start = this.#endOfLineBefore(end - 1);
      const line = Buffer.allocUnsafe(end - 1 - start);
      this.read(line, start);
      if (isJson(line.toString('utf8'))) return end;
      end = start;
    }
    return 0;
  }

  /** The offset just after the last newline that lies before `offset`; 0 if there is none. */
  #endOfLineBefore(offset: number): number {
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    let end = offset;
    while (end > 0) {
      const start = Math.max(0, end - BLOCK_BYTES);
      const view = block.subarray(0, end - start);
      this.read(view, start);
      const at = view.lastIndexOf(NEWLINE);
      if (at >= 0) return start + at + 1;
      end = start;
    }
    return 0;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
