import { parseArgs } from 'node:util';
import type { Notification } from '../api-types.ts';
import type { Carillon } from '../carillon.ts';
import type { ListNotifications } from '../resources/notifications.ts';
import { wait } from '../wait.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { follow, orLater } from './follow.ts';
import { formatNotification } from './format.ts';
import { SHARED_OPTIONS, SHARED_USAGE, secondsOption, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** The size of one page: changes of these notifications are detected. */
const WATCHED = 200;
/** For a burst between two polls. With a filter by status, all known ones may have left the list. */
const MOST_PAGES = 20;

const USAGE = `carillon tail [options]        every new notification, and every change of the newest ${WATCHED}, until Ctrl-C
carillon tail <id> [options]   everything that happens to one

  -n N           begin with the newest N (10)
  --status S  --channel C  --priority P  --category C  --recipient ID    only those
  --every S      seconds between two looks (1)
${SHARED_USAGE}`;

export const tail: Command = { summary: 'follows notifications until Ctrl-C', usage: USAGE, run };

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...SHARED_OPTIONS,
      n: { type: 'string', short: 'n', default: '10' },
      every: { type: 'string', default: '1' },
      status: { type: 'string' },
      channel: { type: 'string' },
      priority: { type: 'string' },
      category: { type: 'string' },
      recipient: { type: 'string' },
    },
  });
  const [id, ...rest] = positionals;
  if (rest.length > 0) throw new UsageError('give one id, or none for all');
  const everyMs = secondsOption('--every', values.every);
  const first = wholeOption('-n', values.n, 0, WATCHED);
  const carillon = openClient(terminal, values);
  if (id !== undefined) {
    for await (const _ of follow(carillon, id, terminal, { asJson: values.json, everyMs }));
    return EXIT.done;
  }
  const { status, channel, priority, category, recipient: recipient_id } = values;
  // The API refuses unknown values with the list of valid ones.
  const filter = { status, channel, priority, category, recipient_id } as ListNotifications;
  const print = (each: Notification): void =>
    values.json ? terminal.json(each) : terminal.say(formatNotification(each));
  await followList(carillon, filter, terminal, { everyMs, first, print });
  return EXIT.done;
}

interface ListOptions {
  everyMs: number;
  /** The number of existing notifications to print first. */
  first: number;
  print(notification: Notification): void;
}

async function followList(
  carillon: Carillon,
  filter: ListNotifications,
  terminal: Terminal,
  { everyMs, first, print }: ListOptions,
): Promise<void> {
  const { signal } = terminal;
  /** Status by id, of the newest ones at the last poll; null before the first. */
  let known: ReadonlyMap<string, string> | null = null;
  while (!signal.aborted) {
    const before: ReadonlyMap<string, string> | null = known;
    const newest: Notification[] | null = await orLater(
      () => look(carillon, filter, before, signal),
      terminal,
    );
    if (newest) {
      const news = newest.filter(({ id, status }) => before?.get(id) !== status);
      for (const each of (before ? news : news.slice(0, first)).toReversed()) print(each);
      // More than one page only after a burst: only the newest are watched further.
      known = new Map(newest.slice(0, WATCHED).map(({ id, status }) => [id, status]));
    }
    await wait(everyMs, signal).catch(() => {});
  }
}

/** The newest page, and further ones as long as everything on them is new: a burst between two polls is not missed. */
async function look(
  carillon: Carillon,
  filter: ListNotifications,
  known: ReadonlyMap<string, string> | null,
  signal: AbortSignal,
): Promise<Notification[]> {
  const pages = carillon.notifications.list({ ...filter, limit: WATCHED }, { signal });
  const newest: Notification[] = [];
  let cursor: string | null | undefined;
  for (let turn = 0; cursor !== null && turn < MOST_PAGES; turn++) {
    const page = await pages.page(cursor);
    newest.push(...page.data);
    cursor = page.next_cursor;
    if (known === null || page.data.some(({ id }) => known.has(id))) break;
  }
  return newest;
}
