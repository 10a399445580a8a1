import { CarillonError } from '../carillon-error.ts';
import { VERSION } from '../version.ts';
import { audiences } from './audiences.ts';
import { campaigns } from './campaigns.ts';
import { type Command, EXIT, passes } from './command.ts';
import { content } from './content.ts';
import { find } from './find.ts';
import { importCommand } from './import.ts';
import { recipients } from './import-recipients.ts';
import { inbox } from './inbox.ts';
import { send } from './send.ts';
import { status } from './status.ts';
import { tail } from './tail.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const COMMANDS: Readonly<Record<string, Command>> = {
  send,
  status,
  tail,
  find,
  content,
  inbox,
  audiences,
  recipients,
  campaigns,
  import: importCommand,
};

const USAGE = `carillon <command> [options]

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  .join('\n')}

carillon <command> --help   its options
carillon --version

Set CARILLON_URL and CARILLON_API_KEY. In a checkout with a running "npm start" nothing needs to be set.
Exit codes: 0 done, 1 refused or ended badly, 2 bad command line or configuration, 3 no good answer (try again).`;

/** `carillon ...`: finds the command, runs it, and turns errors into a message and an exit code. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.say(USAGE);
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  if (name === '--version') {
    terminal.say(VERSION);
    return EXIT.done;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    terminal.warn(`There is no command "${name}"; there are ${Object.keys(COMMANDS).join(', ')}.`);
    return EXIT.usage;
  }
  if (args.includes('--help') || args.includes('-h')) {
    terminal.say(command.usage);
    return EXIT.done;
  }
  try {
    return await command.run(args, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return EXIT.interrupted;
    return tell(error, terminal, name, args.includes('--json'));
  }
}

function tell(error: unknown, terminal: Terminal, name: string, asJson: boolean): number {
  if (error instanceof UsageError || isParseError(error)) {
    terminal.warn(`carillon ${name}: ${(error as Error).message}`);
    terminal.warn(`"carillon ${name} --help" shows its options.`);
    return EXIT.usage;
  }
  if (!(error instanceof CarillonError)) throw error;
  const { code, detail, status, errors, requestId, idempotencyKey } = error;
  if (asJson)
    terminal.json({
      error: { code, status, detail, errors, request_id: requestId, idempotency_key: idempotencyKey },
    });
  terminal.warn(`${code}: ${detail}`);
  // The detail already contains the first one.
  for (const { path, message } of errors.slice(1)) terminal.warn(`  ${path}: ${message}`);
  if (requestId !== null) terminal.warn(`  request ${requestId}`);
  const hint = HINTS[code];
  if (hint) terminal.warn(`  ${hint}`);
  if (!passes(error)) return EXIT.refused;
  if (idempotencyKey !== null)
    terminal.warn(`  Repeat it with --key ${idempotencyKey} and it cannot double.`);
  return EXIT.noAnswer;
}

const HINTS: Readonly<Record<string, string>> = {
  unauthenticated: 'Look at CARILLON_API_KEY; with "npm start", it is in .carillon/run.json.',
  unreachable: 'Look at CARILLON_URL, or whether "npm start" is running.',
};

/** Of node:util's parseArgs. */
function isParseError(error: unknown): boolean {
  return (
    error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS')
  );
}
