import { parseArgs } from 'node:util';
import type { AudienceCount, Filter, PutAudienceRequest } from '../api-types.ts';
import type { Carillon } from '../carillon.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { openInput } from './read-input.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const MOST = 1_000_000;
/** Ids of one call. */
const PART = 10_000;

const USAGE = `carillon audiences list                          all audiences
carillon audiences put <key> --filter JSON       saves a filter under this key
carillon audiences put <key> --list              makes a list, without members at first
carillon audiences count <key> [--quick]         how many belong to it, and how they can be reached
carillon audiences count --filter JSON           the same for a filter that is not saved
carillon audiences members <key> [-n N]          who belongs to it now
carillon audiences add <key> <file>              adds recipients to a list: an id a line; - is the standard input
carillon audiences remove <key> <file>           takes them out of it

  --name NAME    put: for people; without it, the key
  --quick        count: an estimate, at once
  -n N           members: at most so many (100)
${SHARED_USAGE}`;

const OPTIONS = {
  ...SHARED_OPTIONS,
  filter: { type: 'string' },
  list: { type: 'boolean', default: false },
  name: { type: 'string' },
  quick: { type: 'boolean', default: false },
  n: { type: 'string', short: 'n', default: '100' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];
type Verb = (carillon: Carillon, args: string[], values: Values, terminal: Terminal) => Promise<void>;

const VERBS: Readonly<Record<string, Verb>> = {
  list,
  put,
  count,
  members,
  add: (carillon, args, _, terminal) => change('addMembers', carillon, args, terminal),
  remove: (carillon, args, _, terminal) => change('removeMembers', carillon, args, terminal),
};

export const audiences: Command = { summary: 'saves, counts and fills audiences', usage: USAGE, run };

async function run(given: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: given, allowPositionals: true, options: OPTIONS });
  const [name, ...args] = positionals;
  const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new UsageError(`say what to do: ${Object.keys(VERBS).join(', ')}`);
  await verb(openClient(terminal, values), args, values, terminal);
  return EXIT.done;
}

async function list(...[carillon, , values, terminal]: Parameters<Verb>): Promise<void> {
  for await (const each of carillon.audiences.list({}, { signal: terminal.signal }))
    if (values.json) terminal.json(each);
    else terminal.say(`${each.key}  ${each.kind}  ${each.name}`);
}

async function put(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<void> {
  const [key] = keyAnd(args, 0);
  if ((values.filter === undefined) !== values.list) throw new UsageError('give --filter or --list');
  const body: PutAudienceRequest = {
    ...(values.name === undefined ? {} : { name: values.name }),
    ...(values.filter === undefined ? { recipient_ids: [] } : { filter: filterOf(values.filter) }),
  };
  const audience = await carillon.audiences.put(key, body, { signal: terminal.signal });
  if (values.json) terminal.json(audience);
  else terminal.say(`${audience.key}: saved (${audience.kind})`);
}

async function count(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<void> {
  const query = values.quick ? ({ exact: 'false' } as const) : {};
  const { signal } = terminal;
  const options = { signal, timeoutMs: 120_000 };
  const counted =
    values.filter === undefined
      ? await carillon.audiences.count(keyAnd(args, 0)[0], query, options)
      : await carillon.audiences.countFilter(filterOf(values.filter), query, options);
  if (values.json) terminal.json(counted);
  else for (const line of linesOf(counted)) terminal.say(line);
}

function linesOf({ count: exact, about, reachable, unreachable }: AudienceCount): string[] {
  const lines = [exact === null ? `about ${about}` : `${exact}`];
  for (const [channel, n] of Object.entries(reachable ?? {})) {
    const why = Object.entries(unreachable?.[channel as 'email'] ?? {})
      .filter(([, not]) => not > 0)
      .map(([reason, not]) => `${not} ${reason.replace('_', ' ')}`);
    lines.push(`  ${channel}: ${n} reachable${why.length === 0 ? '' : ` (${why.join(', ')})`}`);
  }
  return lines;
}

async function members(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<void> {
  const [key] = keyAnd(args, 0);
  const most = wholeOption('-n', values.n, 1, MOST);
  const pages = carillon.audiences.members(key, {}, { signal: terminal.signal });
  for (const each of await pages.toArray(most))
    if (values.json) terminal.json(each);
    else terminal.say(each.recipient_id);
}

async function change(
  verb: 'addMembers' | 'removeMembers',
  carillon: Carillon,
  args: string[],
  terminal: Terminal,
): Promise<void> {
  const [key, file] = keyAnd(args, 1);
  let text = '';
  for await (const piece of await openInput(file!, terminal)) text += piece;
  const ids = text.split(/\r?\n/).filter((line) => line !== '');
  const sum = { read: 0, changed: 0, unknown: 0 };
  for (let at = 0; at < ids.length; at += PART) {
    const part = await carillon.audiences[verb](key, ids.slice(at, at + PART), { signal: terminal.signal });
    sum.read += part.read;
    sum.changed += part.changed;
    sum.unknown += part.unknown;
    for (const id of part.unknown_ids) terminal.warn(`${id}: there is no such recipient`);
  }
  const done = verb === 'addMembers' ? 'added' : 'removed';
  terminal.say(`${sum.changed} of ${sum.read} ${done}, ${sum.unknown} unknown`);
}

function keyAnd(args: string[], more: number): [string, ...string[]] {
  const [key, ...rest] = args;
  if (key === undefined || rest.length !== more)
    throw new UsageError(
      more === 0 ? 'give the key of one audience' : 'give the key of one audience and a file',
    );
  return [key, ...rest];
}

function filterOf(text: string): Filter {
  try {
    return JSON.parse(text) as Filter;
  } catch {
    throw new UsageError('--filter is not JSON; put single quotes around it');
  }
}
