import { describe, expect, test } from 'vitest';
import { CarillonError } from './carillon-error.ts';
import { followInbox, type StreamOptions } from './follow-inbox.ts';
import type { InboxEvent } from './inbox-event.ts';
import type { AnswerLike } from './read-answer.ts';

const message = (sequence: number) => `event: message\nid: ${sequence}\ndata: {"id":"${sequence}"}\n\n`;
const counts = (sequence: number) =>
  `event: counts\nid: ${sequence}\ndata: {"unread_count":1,"unseen_count":0}\n\n`;
const closed = (reason: string) => `event: closed\ndata: {"reason":"${reason}"}\n\n`;
const LAST = closed('recipient_erased');

/** One connection: what it brings before it ends, a refusal, or a network fault. */
type Scripted = string | { status: number; headers?: Record<string, string>; body?: string } | Error;

const answerOf = (scripted: Exclude<Scripted, Error>): AnswerLike =>
  typeof scripted === 'string'
    ? new Response(scripted, { headers: { 'content-type': 'text/event-stream' } })
    : new Response(scripted.body ?? problem(scripted.status), scripted);
const problem = (status: number) => JSON.stringify({ code: 'x', detail: 'A problem', status });

/** Follows scripted connections to the end. The last of them ends it. */
async function followed(script: Scripted[], options: StreamOptions & { renews?: boolean } = {}) {
  const asked: (number | undefined)[] = [];
  const waits: number[] = [];
  const api = { wait: async (ms: number) => void waits.push(ms), random: () => 1 };
  let renewed = 0;
  const open = async (after: number | undefined) => {
    const next = script[asked.length] ?? LAST;
    asked.push(after);
    if (next instanceof Error) throw next;
    const renew = () => {
      renewed++;
      return options.renews ?? false;
    };
    return { answer: answerOf(next), renew };
  };
  const events: InboxEvent[] = [];
  let error: unknown = null;
  try {
    for await (const event of followInbox(api, open, options)) events.push(event);
  } catch (caught) {
    error = caught;
  }
  const told = events.map(
    (event) => `${event.type} ${event.type === 'closed' ? event.reason : event.sequence}`,
  );
  return { told, events, asked, waits, renewed, error };
}

const away = () => new CarillonError('unreachable', 'gone');

describe('a stream', () => {
  test('yields typed events with their positions, and ends where it is not to come back', async () => {
    const { events, asked, error } = await followed([
      `retry: 2000\n\n${message(3)}event: changed\nid: 4\ndata: {"id":"a"}\n\n${counts(4)}:\n\nevent: reset\nid: 2\ndata: {}\n\n${closed('too_many_streams')}`,
    ]);
    expect(events).toEqual([
      { type: 'message', sequence: 3, message: { id: '3' } },
      { type: 'changed', sequence: 4, message: { id: 'a' } },
      { type: 'counts', sequence: 4, unread_count: 1, unseen_count: 0 },
      { type: 'reset', sequence: 2 },
      { type: 'closed', reason: 'too_many_streams' },
    ]);
    expect({ asked, error }).toEqual({ asked: [undefined], error: null });
  });

  test('goes on behind the last whole event, wherever it was cut', async () => {
    const all = message(1) + message(2) + counts(2);
    const ends = ['message 1', 'message 2', 'counts 2'].map((told) => told);
    for (let at = 0; at <= all.length; at++) {
      const whole = all.slice(0, at).split('\n\n').length - 1;
      const { told, asked } = await followed([all.slice(0, at), LAST], { after: 0 });
      expect(told).toEqual([...ends.slice(0, whole), 'closed recipient_erased']);
      expect(asked).toEqual([0, Math.min(whole, 2)]);
    }
  });

  test('after a restart is opened again at once, after a failure with growing waits', async () => {
    const { waits, asked } = await followed([
      counts(5) + closed('restarting'),
      away(),
      { status: 503 },
      counts(6),
      { status: 429, headers: { 'retry-after': '7' } },
    ]);
    expect(asked).toEqual([undefined, 5, 5, 5, 6, 6]);
    expect(waits).toEqual([250, 1000, 2000, 500, 8000]);
  });

  test('that is only ever told to come back waits longer and longer', async () => {
    const again = closed('restarting');
    const { waits } = await followed(Array.from({ length: 9 }, () => again));
    expect(waits).toEqual([250, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  test('tells of each failure', async () => {
    const failures: [string, number][] = [];
    await followed([away(), { status: 500 }, LAST], {
      onRetry: ({ detail, tries }) => failures.push([detail, tries]),
    });
    expect(failures).toEqual([
      ['gone', 1],
      ['A problem', 2],
    ]);
  });

  test.each([401, 403, 404, 422])('a refusal with %i is thrown', async (status) => {
    const { error, asked } = await followed([counts(1), { status }]);
    expect(error).toMatchObject({ name: 'CarillonError', status });
    expect(asked).toHaveLength(2);
  });

  test('a page of a network in between is thrown, or waited out where the API had answered', async () => {
    const page = { status: 200, body: '<html>log in</html>', headers: { 'content-type': 'text/html' } };
    expect((await followed([page])).error).toMatchObject({ code: 'unexpected_answer' });
    expect((await followed([counts(1), page, LAST])).error).toBeNull();
  });

  test('events of a newer server are left out, and count as positions', async () => {
    const { told, asked } = await followed(['event: praised\nid: 9\ndata: {}\n\n']);
    expect(told).toEqual(['closed recipient_erased']);
    expect(asked).toEqual([undefined, 9]);
  });
});

describe('a token', () => {
  test('that ended is renewed, and the stream goes on', async () => {
    const { renewed, asked, error } = await followed([counts(5) + closed('token_expired')], { renews: true });
    expect({ renewed, asked, error }).toEqual({ renewed: 1, asked: [undefined, 5], error: null });
  });

  test('that is refused is renewed once, then the refusal is thrown', async () => {
    const { renewed, error } = await followed([{ status: 401 }, { status: 401 }], { renews: true });
    expect(renewed).toBe(1);
    expect(error).toMatchObject({ status: 401 });
  });
});

describe('options', () => {
  test.each([[{ after: -1 }], [{ after: 1.5 }], [{ timeoutMs: 0 }]])('%o is refused at once', (options) => {
    expect(() => followInbox({} as never, () => expect.unreachable(), options)).toThrow(TypeError);
  });

  test('an aborted signal ends it with its reason', async () => {
    const { error, asked } = await followed([], { signal: AbortSignal.abort(new Error('left')) });
    expect({ error, asked }).toEqual({ error: new Error('left'), asked: [] });
  });
});
