import { parseArgs } from 'node:util';
import type { SendRequest } from '../api-types.ts';
import { type Command, EXIT } from './command.ts';
import { openClient } from './config.ts';
import { parseExactly } from './exact-json.ts';
import { followToEnd } from './follow.ts';
import { readText } from './read-input.ts';
import { SHARED_OPTIONS, SHARED_USAGE, wholeOption } from './shared-options.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

/** Options that set one text field of the request, and its path. */
const TEXTS = {
  recipient: 'to.recipient_id',
  email: 'to.email',
  phone: 'to.phone',
  channel: 'channel',
  template: 'template',
  locale: 'locale',
  priority: 'priority',
  category: 'category',
  from: 'from',
  'reply-to': 'reply_to',
  'send-at': 'send_at',
  'expires-at': 'expires_at',
  'ordering-key': 'ordering_key',
  'event-id': 'event_id',
  key: 'idempotency_key',
  subject: 'content.subject',
  text: 'content.text',
  html: 'content.html',
  title: 'content.title',
  body: 'content.body',
  link: 'content.url',
} as const;

const USAGE = `carillon send [options]        options become the request
carillon send - [options]      the request is JSON on stdin; options are laid over it

  --recipient ID  --email ADDRESS  --phone NUMBER            to whom
  --channel NAME | --route push,sms,email                    which way
  --template KEY  --locale TAG  --var name=value ...         what, by a template
  --subject --text --html | --text | --title --body --link   what, in words: email | sms | push and in_app
  --priority critical|normal|bulk  --category NAME  --from --reply-to  --metadata name=value ...
  --send-at TIME  --expires-at TIME  --ttl SECONDS  --ordering-key KEY
  --key KEY       idempotency key: the same key is the same notification
  --event-id ID   makes the key from recipient, template and event
  --watch         stay until it has ended
${SHARED_USAGE}

  carillon send --email ada@example.com --channel email --subject Hello --text "It works" --watch
  echo '{ "to": { "recipient_id": "user_1" }, "channel": "email", "template": "order_shipped", "data": { "name": "Ada", "order": "A-17" } }' | carillon send -`;

export const send: Command = { summary: 'sends a notification', usage: USAGE, run };

async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...SHARED_OPTIONS,
      ...(Object.fromEntries(Object.keys(TEXTS).map((name) => [name, { type: 'string' }])) as Record<
        keyof typeof TEXTS,
        { type: 'string' }
      >),
      route: { type: 'string' },
      var: { type: 'string', multiple: true },
      metadata: { type: 'string', multiple: true },
      ttl: { type: 'string' },
      watch: { type: 'boolean', default: false },
    },
  });
  const fromOptions = requestOf(values);
  if (positionals.length > 1 || (positionals.length === 1 && positionals[0] !== '-')) {
    throw new UsageError(
      `"${positionals.join(' ')}" is not understood; give options, or - for JSON on stdin`,
    );
  }
  const isFromStdin =
    positionals[0] === '-' || (Object.keys(fromOptions).length === 0 && !terminal.isInteractive);
  const request = isFromStdin ? merged(await readRequest(terminal), fromOptions) : fromOptions;
  if (Object.keys(request).length === 0) throw new UsageError('there is nothing to send');

  const carillon = openClient(terminal, values);
  const { signal } = terminal;
  // The API validates the request: it refuses unknown fields by name.
  const accepted = await carillon.notifications.send(request as unknown as SendRequest, { signal });
  if (values.json) terminal.json(accepted);
  else {
    const { id, status, replayed, idempotency_key } = accepted;
    terminal.say(`${replayed ? 'accepted before' : 'accepted'}  ${id}  ${status}  key ${idempotency_key}`);
  }
  if (!values.watch) return EXIT.done;
  return followToEnd(carillon, accepted.id, terminal, { asJson: values.json });
}

type Fields = Record<string, unknown>;

function requestOf(values: Record<string, string | boolean | string[] | undefined>): Fields {
  const request: Fields = {};
  for (const [option, place] of Object.entries(TEXTS)) {
    if (values[option] !== undefined) put(request, place, values[option]);
  }
  const { route, ttl } = values as { route?: string; ttl?: string };
  if (route !== undefined) request.route = route.split(',').map((channel) => channel.trim());
  if (ttl !== undefined) request.ttl_seconds = wholeOption('--ttl', ttl, 1, 366 * 86_400);
  if (values.var) request.data = pairsOf('--var', values.var as string[]);
  if (values.metadata) request.metadata = pairsOf('--metadata', values.metadata as string[]);
  return request;
}

function put(request: Fields, place: string, value: unknown): void {
  const [outer, inner] = place.split('.') as [string, string | undefined];
  if (inner === undefined) request[outer] = value;
  else request[outer] = { ...(request[outer] as Fields | undefined), [inner]: value };
}

function pairsOf(option: string, texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new UsageError(`${option} "${text}" is not name=value`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

async function readRequest(terminal: Terminal): Promise<Fields> {
  const text = await readText(terminal.stdin);
  let request: unknown;
  try {
    request = parseExactly(text, 'stdin');
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (request !== null && typeof request === 'object' && !Array.isArray(request)) return request as Fields;
  throw new UsageError('stdin is not one JSON object; a send is { "to": { ... }, ... }');
}

/** `to`, `content`, `data` and `metadata` are merged by field, everything else is replaced. */
function merged(below: Fields, above: Fields): Fields {
  const whole = { ...below, ...above };
  for (const name of ['to', 'content', 'data', 'metadata']) {
    if (below[name] && above[name]) whole[name] = { ...(below[name] as Fields), ...(above[name] as Fields) };
  }
  return whole;
}
