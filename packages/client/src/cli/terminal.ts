/** The input, output and environment of a command. Tests provide their own. */
export interface Terminal {
  /** One line for people, to stdout. Control characters are removed: foreign text must not control the terminal. */
  say(line: string): void;
  /** The same to stderr: what went wrong, and progress. */
  warn(line: string): void;
  /** One line for programs, to stdout. */
  json(value: unknown): void;
  /** Draws over the line drawn before, on a terminal; null takes it away. Left out where lines cannot be drawn over. */
  draw?(text: string | null): void;
  stdin: AsyncIterable<Uint8Array>;
  /** Whether stdin is a terminal, where waiting for input would block forever. */
  isInteractive: boolean;
  /** Ctrl-C. */
  signal: AbortSignal;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

export interface Streams {
  out(text: string): void;
  err(text: string): void;
}

export function writers({ out, err }: Streams): Pick<Terminal, 'say' | 'warn' | 'json'> {
  return {
    say: (line) => out(`${printable(line)}\n`),
    warn: (line) => err(`${printable(line)}\n`),
    json: (value) => out(`${JSON.stringify(value).replace(C1, escaped)}\n`),
  };
}

/** JSON already escapes C0; DEL and C1 also control terminals. */
const C1 = /[\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const printable = (text: string): string => text.replace(CONTROL, '\ufffd');
