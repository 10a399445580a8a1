import { parseArgs } from 'node:util';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { formatNotification } from './format.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const MOST = 10_000;

const USAGE = `carillon find <address> [options]    what was sent to an e-mail address, phone number or device, the newest first

  -n N           at most so many (20)
${SHARED_USAGE}`;

export const find: Command = {
  summary: 'finds notifications by an address in any spelling',
  usage: USAGE,
  run,
};

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...SHARED_OPTIONS, n: { type: 'string', short: 'n', default: '20' } },
  });
  const [address, ...rest] = positionals;
  if (address === undefined || rest.length > 0)
    throw new UsageError('give one address; put quotes around spaces');
  const most = wholeOption('-n', values.n, 1, MOST);
  const list = openClient(terminal, values).notifications.list({ address }, { signal: terminal.signal });
  for (const each of await list.toArray(most)) {
    if (values.json) terminal.json(each);
    else terminal.say(formatNotification(each));
  }
  return EXIT.done;
}
