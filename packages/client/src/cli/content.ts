import { parseArgs } from 'node:util';
import type { ChannelContent } from '../api-types.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { SHARED_OPTIONS, SHARED_USAGE } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const USAGE = `carillon content <id> [options]      what was sent: headers and text; needs a key with the scope content:read

  --html         the HTML of an e-mail instead, for a file
${SHARED_USAGE}`;

export const content: Command = { summary: 'shows what was sent', usage: USAGE, run };

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { ...SHARED_OPTIONS, html: { type: 'boolean', default: false } },
  });
  const [id, ...rest] = positionals;
  if (id === undefined || rest.length > 0) throw new UsageError('give one id, as "carillon send" printed it');
  const carillon = openClient(terminal, values);
  const found = await carillon.notifications.content(id, { signal: terminal.signal });
  if (values.json) {
    terminal.json(found);
    return EXIT.done;
  }
  if (found.unavailable) {
    terminal.warn(found.unavailable.detail);
    return EXIT.refused;
  }
  const lines = values.html
    ? found.contents.flatMap(({ html }) => html ?? [])
    : found.contents.flatMap(linesOf);
  for (const line of lines) terminal.say(line);
  return EXIT.done;
}

function linesOf({
  channel,
  provider,
  problem,
  headers,
  title,
  text,
  body,
  url,
  sms,
}: ChannelContent): string[] {
  const call = `${channel}${provider === null ? ', given to no provider' : ` by ${provider}`}`;
  if (problem) return [call, `  ${problem.code}: ${problem.message}`];
  const heads = Object.entries(headers ?? {}).map(([name, value]) => `  ${name}: ${value}`);
  const size = sms ? [`  ${sms.segments} x ${sms.encoding}`] : [];
  const words = [title, text, body, url].filter((each) => each !== undefined);
  return [call, ...heads, ...size, '', ...words, ''];
}
