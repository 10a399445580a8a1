import { ConfigError } from '@carillon/core/program/config';
import { Refusal } from '@carillon/core/program/refusal';
import { ProblemError } from '@carillon/core/text/problem';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { isTransient, sqlFailure } from '@carillon/db/connection/sql-state';
import { WHOLE_INSTALLATION } from '@carillon/services/context';
import { EXIT, type Report, type Terminal, UsageError, type Verb } from './command.ts';
import { app } from './commands/app.ts';
import { backup } from './commands/backup.ts';
import { doctor } from './commands/doctor.ts';
import { init } from './commands/init.ts';
import { key } from './commands/key.ts';
import { provider } from './commands/provider.ts';
import { restore } from './commands/restore.ts';
import { staff } from './commands/staff.ts';
import { readDashboardUrl, readDatabase } from './config.ts';
import { readGiven } from './given.ts';
import { printable } from './table.ts';

/** Commands without a noun, and commands with one. */
const ALONE: Readonly<Record<string, Verb>> = { init, doctor, backup };
const NOUNS: Readonly<Record<string, Readonly<Record<string, Verb>>>> = {
  app,
  key,
  staff,
  provider,
  restore,
};

const LINES = [
  ...Object.entries(ALONE),
  ...Object.entries(NOUNS).flatMap(([noun, verbs]) =>
    Object.entries(verbs).map(([name, verb]) => [`${noun} ${name}`, verb] as const),
  ),
].map(([name, { summary }]) => `  ${name.padEnd(18)}${summary}`);

const USAGE = `carillon-admin <command> [options]

${LINES.join('\n')}

carillon-admin <command> --help   what it takes
  --json                          one line of JSON instead of text

Set DATABASE_URL; "provider", "restore load" and "doctor" need the settings of the programs too. Every change is in the audit log.
Exit codes: 0 done, 1 refused, 2 bad command line or settings, 3 PostgreSQL does not answer. doctor: 0 all well,
1 warnings, 2 errors.`;

/** `carillon-admin ...`: finds the command, runs it, prints the database, and turns errors into one sentence. */
export async function runAdmin(argv: readonly string[], terminal: Terminal): Promise<number> {
  const found = verbOf(argv);
  if (found === null) return help(argv, terminal);
  const { verb, name, args } = found;
  if (args.includes('--help') || args.includes('-h')) {
    terminal.out(`${verb.usage}\n`);
    return EXIT.done;
  }
  let db: Database | null = null;
  let where: string | null = null;
  const asJson = args.includes('--json');
  try {
    const given = readGiven(args, verb);
    const report = await verb.run({
      given,
      terminal,
      services: () => {
        const address = readDatabase(terminal.env);
        db ??= openDatabase({ ...address, name: 'carillon-admin', connections: 1 });
        where = databaseName(address.url);
        return {
          db: db.sql,
          actor: terminal.actor,
          reach: WHOLE_INSTALLATION,
          mayGive: () => true,
          dashboardUrl: readDashboardUrl(terminal.env),
        };
      },
    });
    say(terminal, report, asJson, where);
    return report.code ?? EXIT.done;
  } catch (error) {
    return tell(terminal, name, error, asJson, where);
  } finally {
    // Assigned in a closure, which the compiler does not track.
    await (db as Database | null)?.close();
  }
}

function verbOf(argv: readonly string[]): { verb: Verb; name: string; args: readonly string[] } | null {
  const [first = '', second = ''] = argv;
  const alone = Object.hasOwn(ALONE, first) ? ALONE[first] : undefined;
  if (alone) return { verb: alone, name: first, args: argv.slice(1) };
  const verbs = Object.hasOwn(NOUNS, first) ? NOUNS[first]! : {};
  const verb = Object.hasOwn(verbs, second) ? verbs[second] : undefined;
  return verb ? { verb, name: `${first} ${second}`, args: argv.slice(2) } : null;
}

function help([first, second]: readonly string[], terminal: Terminal): number {
  const isAsked =
    first === undefined || [first, second].some((word) => /^(--help|-h|help)$/.test(word ?? ''));
  if (isAsked) {
    const noun = first !== undefined && Object.hasOwn(NOUNS, first) ? first : null;
    terminal.out(
      `${noun === null ? USAGE : LINES.filter((line) => line.startsWith(`  ${noun} `)).join('\n')}\n`,
    );
    return first === undefined ? EXIT.usage : EXIT.done;
  }
  const verbs = first !== undefined && Object.hasOwn(NOUNS, first) ? Object.keys(NOUNS[first]!) : null;
  const known = verbs
    ? `"carillon-admin ${first}" is followed by one of ${verbs.join(', ')}`
    : 'there is no such command';
  terminal.err(`carillon-admin: ${known}. "carillon-admin --help" lists them.\n`);
  return EXIT.usage;
}

function say(terminal: Terminal, { json, lines }: Report, asJson: boolean, where: string | null): void {
  if (asJson) {
    terminal.out(`${JSON.stringify(where === null ? json : { database: where, ...(json as object) })}\n`);
    return;
  }
  for (const line of lines) terminal.out(`${printable(line)}\n`);
  // To stderr, so that a script that reads a key from stdout reads only the key.
  if (where !== null) terminal.err(`(${where})\n`);
}

/** One sentence with the remedy, to stderr; with --json the same as an object to stdout. */
function tell(
  terminal: Terminal,
  name: string,
  error: unknown,
  asJson: boolean,
  where: string | null,
): number {
  const { code, detail, exit } = wordsOf(error, name);
  if (asJson) terminal.out(`${JSON.stringify({ database: where, error: { code, detail } })}\n`);
  terminal.err(`carillon-admin ${name}: ${detail.split('\n').map(printable).join('\n')}\n`);
  if (where !== null) terminal.err(`(${where})\n`);
  return exit;
}

function wordsOf(error: unknown, name: string): { code: string; detail: string; exit: number } {
  if (error instanceof UsageError || isParseError(error)) {
    const detail = `${(error as Error).message.replace(/\.$/, '')}. "carillon-admin ${name} --help" shows what it takes.`;
    return { code: 'usage', detail, exit: EXIT.usage };
  }
  if (error instanceof ConfigError) return { code: 'settings', detail: error.message, exit: EXIT.usage };
  if (error instanceof Refusal) return { code: error.code, detail: error.message, exit: EXIT.refused };
  if (error instanceof ProblemError) return { code: error.code, detail: error.message, exit: EXIT.refused };
  const { code: state } = error as { code?: string };
  if (state === '42P01' || state === '42703')
    return {
      code: 'not_migrated',
      detail: `The database lacks tables or columns of this release (${(error as Error).message}). Run "node db/migrate.ts" with the same DATABASE_URL first.`,
      exit: EXIT.refused,
    };
  if (state === '28P01' || state === '28000' || state === '3D000' || state === '42501')
    return {
      code: 'database_refused',
      detail: `PostgreSQL refuses: ${(error as Error).message}. Look at the user, the password and the database in DATABASE_URL.`,
      exit: EXIT.refused,
    };
  if (isTransient(error) || sqlFailure(error) === 'read_only')
    return {
      code: 'unavailable',
      detail: `PostgreSQL does not answer or takes no writes: ${(error as Error).message}. Look at DATABASE_URL and at the server; it is not known whether a change was made, so list first.`,
      exit: EXIT.noAnswer,
    };
  throw error;
}

/** Of node:util's parseArgs. */
function isParseError(error: unknown): boolean {
  return (
    error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  );
}

/** The database of a URL, for display: never its password. */
function databaseName(url: string): string {
  const { hostname, port, pathname, username } = new URL(url);
  const name = decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username) || 'postgres';
  return `database ${name} on ${hostname || 'localhost'}:${port || 5432}`;
}
