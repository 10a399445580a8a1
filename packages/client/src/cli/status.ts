import { parseArgs } from 'node:util';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { followToEnd } from './follow.ts';
import { formatEntry, formatHead } from './format.ts';
import { SHARED_OPTIONS, SHARED_USAGE, secondsOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `carillon status <id> [options]

  --watch        stay and print what happens until it has ended: exit code 0 if sent or delivered, else 1
  --every S      seconds between two looks (1)
${SHARED_USAGE}`;

export const status: Command = {
  summary: 'shows a notification with its timeline; --watch stays until it has ended',
  usage: USAGE,
  run,
};

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...SHARED_OPTIONS,
      watch: { type: 'boolean', default: false },
      every: { type: 'string', default: '1' },
    },
  });
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) throw new UsageError('give one id, as "carillon send" printed it');
  const everyMs = secondsOption('--every', values.every);
  const carillon = openClient(terminal, values);

  if (values.watch) return followToEnd(carillon, id, terminal, { asJson: values.json, everyMs });
  const notification = await carillon.notifications.get(id, { signal: terminal.signal });
  if (values.json) terminal.json(notification);
  else {
    formatHead(notification).forEach(terminal.say);
    for (const entry of notification.timeline) terminal.say(formatEntry(entry));
  }
  return EXIT.done;
}
