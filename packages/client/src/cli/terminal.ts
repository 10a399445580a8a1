/** What a command sees of the world. Tests give one of their own. */
export interface Terminal {
  /** One line for people, to stdout. Control characters are taken out: texts of others must not steer the terminal. */
  say(line: string): void;
  /** The same to stderr: what went wrong, and progress. */
  warn(line: string): void;
  /** One line for programs, to stdout. */
  json(value: unknown): void;
  stdin: AsyncIterable<Uint8Array>;
  /** Whether a person sits at stdin, so that waiting for input would wait for ever. */
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

/** JSON escapes C0 by itself; DEL and C1 steer terminals too. */
const C1 = /[\u007f-\u009f]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const printable = (text: string): string => text.replace(CONTROL, '\ufffd');
