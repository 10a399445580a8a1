/** An event as it comes over the wire. */
export interface WireEvent {
  type: string;
  /** Of this event; undefined where it has none. */
  id: string | undefined;
  data: string;
}

/**
 * Parses server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from chunks of any size.
 * An event whose end has not arrived is never returned, so that its id cannot become a position.
 *
 * @returns a function that takes the next bytes and returns the events that they complete.
 */
export function eventParser(): (bytes: Uint8Array) => WireEvent[] {
  const decoder = new TextDecoder();
  let rest = '';
  let lines: string[] = [];
  return (bytes) => {
    rest += decoder.decode(bytes, { stream: true });
    const events: WireEvent[] = [];
    // A CR at the end may be half of a CRLF: it waits for what follows.
    const parts = rest.split(/\r\n|\n|\r(?!$)/);
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (line !== '') {
        lines.push(line);
        continue;
      }
      const event = eventOf(lines);
      lines = [];
      if (event) events.push(event);
    }
    return events;
  };
}

/** @returns null for a block without data, such as a comment. */
function eventOf(lines: readonly string[]): WireEvent | null {
  let type = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'event') type = value;
    else if (name === 'id') id = value;
    else if (name === 'data') data.push(value);
  }
  return data.length === 0 ? null : { type, id, data: data.join('\n') };
}
