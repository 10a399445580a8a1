import { parseArgs } from 'node:util';
import type { Campaign, CampaignReview, CreateCampaignRequest, Operations } from '../api-types.ts';
import type { Carillon } from '../carillon.ts';
import { wait } from '../wait.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const MOST = 1_000_000;
/** Between two looks at a review that is being counted. */
const LOOK_MS = 500;

const USAGE = `carillon campaigns list [--state S]          newest first
carillon campaigns create -                  a draft from the request as JSON on the standard input
carillon campaigns review <id>               counts whom it would reach
carillon campaigns schedule <id> [--at T]    sends it: now, or at a time
carillon campaigns pause|resume|cancel <id>  once this returns, it is so
carillon campaigns status <id> [--follow]    its counts; --follow stays until it is over
carillon campaigns recipients <id> [--state S] [--reason R] [-n N]

  --at T         schedule: RFC 3339; with --local a date and time, such as 2030-12-24T09:00:00
  --local        schedule: at this time on each recipient's clock
  --late RULE    schedule, with --local: now, next_day or skip for those whose time has passed
  --reason TEXT  pause, resume, cancel: why; recipients: of not_made, this reason only
  --state S      list: draft,running ...; recipients: a figure of the counts, such as failed
  --follow       status: prints each change
  -n N           list, recipients: at most so many (100)
${SHARED_USAGE}`;

const OPTIONS = {
  ...SHARED_OPTIONS,
  at: { type: 'string' },
  local: { type: 'boolean', default: false },
  late: { type: 'string' },
  reason: { type: 'string' },
  state: { type: 'string' },
  follow: { type: 'boolean', default: false },
  n: { type: 'string', short: 'n', default: '100' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];
type Verb = (carillon: Carillon, args: string[], values: Values, terminal: Terminal) => Promise<number>;

const VERBS: Readonly<Record<string, Verb>> = {
  list,
  create,
  review,
  schedule,
  pause: move('pause'),
  resume: move('resume'),
  cancel: move('cancel'),
  status,
  recipients,
};

export const campaigns: Command = { summary: 'sends one template to an audience', usage: USAGE, run };

async function run(given: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({ args: given, allowPositionals: true, options: OPTIONS });
  const [name, ...args] = positionals;
  const verb = name !== undefined && Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new UsageError(`say what to do: ${Object.keys(VERBS).join(', ')}`);
  return verb(openClient(terminal, values), args, values, terminal);
}

async function list(...[carillon, , values, terminal]: Parameters<Verb>): Promise<number> {
  let left = wholeOption('-n', values.n, 1, MOST);
  const query = values.state === undefined ? {} : { state: values.state };
  for await (const each of carillon.campaigns.list(query, { signal: terminal.signal })) {
    if (left-- === 0) break;
    if (values.json) terminal.json(each);
    else terminal.say(`${each.id}  ${each.state.padEnd(9)}  ${each.name}`);
  }
  return EXIT.done;
}

async function create(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<number> {
  if (args.length !== 1 || args[0] !== '-')
    throw new UsageError('give - and the request on the standard input');
  const chunks: Uint8Array[] = [];
  for await (const chunk of terminal.stdin) chunks.push(chunk);
  const text = new TextDecoder().decode(Buffer.concat(chunks));
  let request: CreateCampaignRequest;
  try {
    request = JSON.parse(text) as CreateCampaignRequest;
  } catch {
    throw new UsageError('the standard input is not JSON');
  }
  return show(await carillon.campaigns.create(request, { signal: terminal.signal }), values, terminal);
}

async function review(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<number> {
  const id = idOf(args);
  const { signal } = terminal;
  let found: CampaignReview = await carillon.campaigns.review(id, { signal });
  while (found.state === 'counting') {
    await wait(LOOK_MS, signal);
    found = await carillon.campaigns.getReview(id, { signal });
  }
  if (values.json) terminal.json(found);
  else for (const line of reviewLines(found)) terminal.say(line);
  return found.state === 'done' ? EXIT.done : EXIT.refused;
}

async function schedule(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<number> {
  const body = {
    ...(values.at === undefined ? {} : { send_at: values.at }),
    ...(values.local ? { in_recipient_time_zone: true } : {}),
    ...(values.late === undefined ? {} : { late: lateOf(values.late) }),
  };
  return show(
    await carillon.campaigns.schedule(idOf(args), body, { signal: terminal.signal }),
    values,
    terminal,
  );
}

function move(verb: 'pause' | 'resume' | 'cancel'): Verb {
  return async (carillon, args, values, terminal) => {
    const body = values.reason === undefined ? {} : { reason: values.reason };
    return show(
      await carillon.campaigns[verb](idOf(args), body, { signal: terminal.signal }),
      values,
      terminal,
    );
  };
}

async function status(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<number> {
  const id = idOf(args);
  const { signal } = terminal;
  if (!values.follow) return show(await carillon.campaigns.get(id, { signal }), values, terminal);
  let last: Campaign | null = null;
  for await (const campaign of carillon.campaigns.stream(id, { signal })) {
    show(campaign, values, terminal);
    last = campaign;
  }
  return last?.state === 'done' ? EXIT.done : EXIT.refused;
}

type RecipientsQuery = NonNullable<Operations['listCampaignRecipients']['query']>;

async function recipients(...[carillon, args, values, terminal]: Parameters<Verb>): Promise<number> {
  let left = wholeOption('-n', values.n, 1, MOST);
  // The API says which there are.
  const query = {
    ...(values.state === undefined ? {} : { state: values.state as RecipientsQuery['state'] }),
    ...(values.reason === undefined ? {} : { reason: values.reason as RecipientsQuery['reason'] }),
  } as RecipientsQuery;
  for await (const each of carillon.campaigns.recipients(idOf(args), query, { signal: terminal.signal })) {
    if (left-- === 0) break;
    if (values.json) terminal.json(each);
    else {
      const why = [each.reason, each.detail, each.error_code].filter((word) => word !== null).join(' ');
      terminal.say(`${each.recipient_id ?? '(erased)'}  ${each.state}${why === '' ? '' : `  ${why}`}`);
    }
  }
  return EXIT.done;
}

/** @returns the exit code of a command that shows it. */
function show(campaign: Campaign, values: Values, terminal: Terminal): number {
  if (values.json) {
    terminal.json(campaign);
    return EXIT.done;
  }
  const { id, name, state, counts, rate_per_minute: rate, ends_at: endsAt } = campaign;
  const { planned, remaining, made, not_made, open, ...states } = counts;
  const left = Object.values(not_made).reduce<number>((sum, n) => sum + (n ?? 0), 0);
  const figures = Object.entries({ planned, remaining, made, not_made: left, open, ...states })
    .filter(([figure, n]) => Number(n) > 0 || figure === 'planned')
    .map(([figure, n]) => `${figure} ${n}`);
  const pace = rate === null ? '' : `, ${rate} a minute${endsAt === null ? '' : `, done at ${endsAt}`}`;
  terminal.say(`${id}  ${name}: ${state}${pace}`);
  terminal.say(`  ${figures.join(', ')}`);
  return EXIT.done;
}

function reviewLines({ of, ends_at: endsAt, error }: CampaignReview): string[] {
  if (of === null) return [error ?? 'not counted'];
  const { matched, reachable, missing_variable: missing, ...reasons } = of;
  return [
    `matched ${matched}`,
    ...Object.entries(reachable).map(([channel, n]) => `reachable by ${channel} ${n}`),
    ...Object.entries(reasons).map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${n}`),
    ...Object.entries(missing).map(([name, n]) => `without ${name} ${n}`),
    ...(endsAt === null ? [] : [`done at ${endsAt}`]),
  ];
}

function lateOf(text: string): 'now' | 'next_day' | 'skip' {
  if (text === 'now' || text === 'next_day' || text === 'skip') return text;
  throw new UsageError(`--late is "${text}"; it must be now, next_day or skip`);
}

function idOf(args: readonly string[]): string {
  const [id, ...rest] = args;
  if (id === undefined || rest.length > 0) throw new UsageError('give one id of a campaign');
  return id;
}
