import { parseArgs } from 'node:util';
import type { Operations } from '../api-types.ts';
import type { Carillon } from '../carillon.ts';
import type { InboxEvent } from '../inbox-event.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { formatInboxEvent, formatInboxMessage } from './format-inbox.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const MOST = 10_000;
const MOST_FIRST = 200;

const USAGE = `carillon inbox list <recipient> [options]        the messages of a person, the newest first
carillon inbox tail <recipient> [options]        what comes and what changes, until Ctrl-C; then it says how to go on
carillon inbox read <recipient> <message>        marks one as read
carillon inbox read <recipient> --all            marks everything as read
carillon inbox token <recipient>                 a token for the programs of this person

  -n N           list: at most so many (20); tail: begin with the newest N (10)
  --after N      tail: go on behind this number, as an earlier tail named it
  --status S     list: unread, unseen, read, archived or snoozed
  --category C   list, read --all: only those
  --scopes S     token: inbox, preferences or both, with a comma between them
  --ttl S        token: for so many seconds, 60 to 86400 (3600)
${SHARED_USAGE}

The texts need a key with the scope content:read; read and token one with recipients:*.`;

const OPTIONS = {
  ...SHARED_OPTIONS,
  n: { type: 'string', short: 'n' },
  after: { type: 'string' },
  all: { type: 'boolean', default: false },
  status: { type: 'string' },
  category: { type: 'string' },
  scopes: { type: 'string' },
  ttl: { type: 'string', default: '3600' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** One verb of the command. `more` are the arguments behind the recipient. */
type Verb = (
  carillon: Carillon,
  recipient: string,
  more: string[],
  values: Values,
  terminal: Terminal,
) => Promise<void>;

const VERBS: Readonly<Record<string, { takesMore?: true; run: Verb }>> = {
  list: { run: list },
  tail: { run: tail },
  read: { takesMore: true, run: read },
  token: { run: token },
};

export const inbox: Command = { summary: 'reads and follows the inbox of a person', usage: USAGE, run };

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS });
  const [name, recipient, ...more] = positionals;
  const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new UsageError(`say what to do: ${Object.keys(VERBS).join(', ')}`);
  if (recipient === undefined || (more.length > 0 && !verb.takesMore))
    throw new UsageError('give one recipient, by your own id of the person');
  await verb.run(openClient(terminal, values), recipient, more, values, terminal);
  return EXIT.done;
}

async function list(
  ...[carillon, recipient, , values, { signal, json, say }]: Parameters<Verb>
): Promise<void> {
  const most = wholeOption('-n', values.n ?? '20', 1, MOST);
  // The API refuses unknown values with the list of valid ones.
  const filter = { status: values.status, category: values.category } as Operations['listInboxOf']['query'];
  for (const each of await carillon.inbox.list(recipient, filter, { signal }).toArray(most)) {
    if (values.json) json(each);
    else say(formatInboxMessage(each));
  }
}

async function tail(...[carillon, recipient, , values, terminal]: Parameters<Verb>): Promise<void> {
  const { signal } = terminal;
  const print = (event: InboxEvent): void =>
    values.json ? terminal.json(event) : terminal.say(formatInboxEvent(event));
  let position =
    values.after === undefined ? undefined : wholeOption('--after', values.after, 0, Number.MAX_SAFE_INTEGER);
  if (position === undefined) {
    const first = wholeOption('-n', values.n ?? '10', 0, MOST_FIRST);
    const page = await carillon.inbox.list(recipient, { limit: Math.max(1, first) }, { signal }).page();
    for (const message of page.data.slice(0, first).toReversed())
      print({ type: 'message', sequence: message.sequence, message });
    position = page.sequence;
  }
  const onRetry = ({ code, detail }: { code: string; detail: string }) =>
    terminal.warn(`${code}: ${detail} Still trying.`);
  try {
    for await (const event of carillon.inbox.stream(recipient, { after: position, signal, onRetry })) {
      print(event);
      if (event.type !== 'closed') position = event.sequence;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  terminal.warn(`Go on with --after ${position}`);
}

async function read(...[carillon, recipient, more, values, terminal]: Parameters<Verb>): Promise<void> {
  const { signal } = terminal;
  const [id, ...rest] = more;
  if (rest.length > 0 || (id === undefined) !== values.all)
    throw new UsageError('give one message, or --all');
  if (id !== undefined) {
    const message = await carillon.inbox.read(recipient, id, { signal });
    return values.json ? terminal.json(message) : terminal.say(formatInboxMessage(message));
  }
  const marked = await carillon.inbox.readAll(recipient, { category: values.category }, { signal });
  if (values.json) terminal.json(marked);
  else terminal.say(`${marked.changed} marked as read, ${marked.unread_count} unread`);
}

async function token(...[carillon, recipient, , values, terminal]: Parameters<Verb>): Promise<void> {
  const ttl_seconds = wholeOption('--ttl', values.ttl, 60, 86_400);
  const scopes = values.scopes?.split(',') as ('inbox' | 'preferences')[] | undefined;
  const made = await carillon.recipients.issueToken(recipient, { ttl_seconds, scopes }, terminal);
  if (values.json) terminal.json(made);
  else terminal.say(made.token);
}
