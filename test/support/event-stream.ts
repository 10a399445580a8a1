/** One event of a stream. */
export interface StreamEvent {
  type: string;
  id: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into events of every shape
  data: any;
}

/** A client of server-sent events: reads until it is closed, and keeps everything it got. */
export interface EventClient {
  status: number;
  events: StreamEvent[];
  /** The id of the last event that had one. */
  lastId(): number | null;
  /** Settles when the stream has ended, from whichever side. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Opens a stream. @throws what `fetch` throws. */
export async function openEvents(
  url: string,
  headers: Record<string, string> = {},
  onEvent: (event: StreamEvent) => void = () => {},
): Promise<EventClient> {
  const stop = new AbortController();
  const response = await fetch(url, { headers, signal: stop.signal });
  const events: StreamEvent[] = [];
  const read = async (): Promise<void> => {
    let text = '';
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      const blocks = text.split('\n\n');
      text = blocks.pop()!;
      for (const block of blocks) {
        const event = eventOf(block);
        if (event === null) continue;
        events.push(event);
        onEvent(event);
      }
    }
  };
  const ended = read().catch(() => {});
  return {
    status: response.status,
    events,
    lastId: () => events.findLast(({ id }) => id !== null)?.id ?? null,
    ended,
    close: async () => {
      stop.abort();
      await ended;
    },
  };
}

function eventOf(block: string): StreamEvent | null {
  const fields = new Map(
    block.split('\n').map((line) => {
      const [, name = '', value = ''] = /^(\w*): ?(.*)$/.exec(line) ?? [];
      return [name, value];
    }),
  );
  const type = fields.get('event');
  if (type === undefined) return null;
  const id = fields.get('id');
  return { type, id: id === undefined ? null : Number(id), data: JSON.parse(fields.get('data') ?? 'null') };
}
