import type { StreamEvent } from './message.ts';

/**
 * Reads `text/event-stream` piece by piece. EventSource cannot send an Authorization header, and a token in a URL ends
 * up in logs; so the stream is fetched and read here.
 *
 * @returns a function that takes the next piece and returns the events that it completes.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */
export function eventParser(): (piece: Uint8Array) => StreamEvent[] {
  const decoder = new TextDecoder();
  let rest = '';
  let type = '';
  let id: number | null = null;
  let data = '';

  return (piece) => {
    const events: StreamEvent[] = [];
    // A line may end in CR LF with the LF still to come: the CR waits for the next piece.
    const lines = (rest + decoder.decode(piece, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop()!;
    for (const line of lines) {
      const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
      if (line === '') {
        if (data !== '') events.push({ type, id, data: JSON.parse(data) });
        type = data = '';
        id = null;
      } else if (field === 'event') type = value!;
      else if (field === 'data') data += value;
      else if (field === 'id') id = Number(value);
    }
    return events;
  };
}
