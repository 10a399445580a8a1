import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Action, AllAction } from './actions.ts';
import { counts, EMPTY, type Input, isStale, list, reduce } from './inbox-state.ts';
import type { StreamEvent, View } from './message.ts';
import { ModelledServer } from './modelled-server.ts';

/** A client whose requests and answers a test carries over, in any order, or loses. */
class Client {
  state = EMPTY;
  readonly #server: ModelledServer;
  /** Answers on their way, by what is done when they arrive. */
  #answers: (() => void)[] = [];
  #events: StreamEvent[] = [];
  #sentUpTo: number | null = null;
  #key = 0;

  constructor(server: ModelledServer) {
    this.#server = server;
  }

  show(view: View): void {
    this.#put({ type: 'view', view });
    this.load();
  }

  load(): void {
    const { view } = this.state;
    const page = this.#server.page(view, null, this.state.order.length);
    this.#answers.push(() => this.#put({ type: 'loaded', page, view }));
  }

  more(): void {
    const { cursor, view } = this.state;
    if (!cursor) return;
    const page = this.#server.page(view, cursor);
    this.#answers.push(() => this.#put({ type: 'more', page, view, cursor }));
  }

  /** @param fate lost: the server has not had it; unknown: it has, and its answer is lost. */
  act(index: number, action: Action, fate: 'done' | 'lost' | 'unknown'): void {
    const { id } = list(this.state)[index] ?? {};
    if (id === undefined) return;
    const key = ++this.#key;
    this.#put({ type: 'act', key, id, action, now: new Date(0).toISOString() });
    const message = fate === 'lost' ? null : this.#server.act(id, action);
    this.#answers.push(() =>
      this.#put(message && fate === 'done' ? { type: 'acted', key, message } : { type: 'failed', key }),
    );
  }

  actOnAll(action: AllAction, category: string | null, fate: 'done' | 'lost' | 'unknown'): void {
    const key = ++this.#key;
    const upTo = this.state.shown;
    this.#put({ type: 'act-on-all', key, action, category, now: new Date(0).toISOString() });
    const answer = fate === 'lost' ? null : this.#server.actOnAll(action, category, upTo);
    this.#answers.push(() =>
      this.#put(answer && fate === 'done' ? { type: 'acted-on-all', key, answer } : { type: 'failed', key }),
    );
  }

  /** The server writes into the stream what is new. */
  stream(): void {
    if (this.state.position === null) return;
    this.#sentUpTo ??= this.state.position;
    const events = this.#server.eventsAfter(this.#sentUpTo);
    this.#events.push(...events);
    this.#sentUpTo = events.at(-1)!.id!;
  }

  receive(count: number, isCatchUp = true): void {
    if (count > 0) this.#put({ type: 'events', events: this.#events.splice(0, count), isCatchUp });
  }

  /** What is on its way is lost, and the next connection begins at the position, or some events earlier. */
  disconnect(earlier: number): void {
    this.#events = [];
    this.#sentUpTo = this.state.position === null ? null : Math.max(0, this.state.position - earlier);
  }

  reset(): void {
    this.#events.push({ type: 'reset', id: null, data: {} });
  }

  answer(index: number): void {
    this.#answers.splice(index % Math.max(1, this.#answers.length), 1)[0]?.();
  }

  /** Everything arrives, and the list is read to its end. */
  settle(): void {
    while (this.#answers.length > 0) this.answer(0);
    for (let rounds = 0; rounds < 20; rounds++) {
      this.stream();
      this.receive(this.#events.length);
      if (isStale(this.state) || this.state.cursor === undefined) this.load();
      else if (this.state.cursor !== null) this.more();
      else break;
      this.answer(0);
    }
  }

  #put(input: Input): void {
    this.state = reduce(this.state, input);
  }
}

type Step = (server: ModelledServer, client: Client) => void;

const category = fc.constantFrom(null, 'news', 'bills');
const view = fc.record({ status: fc.constantFrom('all', 'unread', 'archived', 'snoozed'), category });
const fate = fc.constantFrom('done', 'done', 'lost', 'unknown');
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ to: fc.constantFrom('read', 'unread', 'archive', 'unarchive') }),
  fc.record({ to: fc.constant('snooze' as const), until: fc.constantFrom('2030-01-01T00:00:00.000Z', null) }),
);
const onAll = fc.constantFrom<AllAction>('read-all', 'seen-all');
const index = fc.nat({ max: 9 });

const step: fc.Arbitrary<Step> = fc.oneof(
  category.map(
    (name): Step =>
      (server) =>
        server.store(name),
  ),
  fc.tuple(index, action).map(
    ([nth, what]): Step =>
      (server) => {
        const all = ['all', 'archived', 'snoozed'] as const;
        const ids = all.flatMap((status) => server.list({ status, category: null })).map(({ id }) => id);
        if (ids.length > 0) server.act(ids[nth % ids.length]!, what);
      },
  ),
  fc.tuple(onAll, category).map(
    ([what, name]): Step =>
      (server) =>
        void server.actOnAll(what, name, 1e9),
  ),
  fc.tuple(index, action, fate).map(
    ([nth, what, how]): Step =>
      (_, client) =>
        client.act(nth, what, how),
  ),
  fc.tuple(onAll, category, fate).map(
    ([what, name, how]): Step =>
      (_, client) =>
        client.actOnAll(what, name, how),
  ),
  view.map(
    (which): Step =>
      (_, client) =>
        client.show(which),
  ),
  fc.constant<Step>((_, client) => client.load()),
  fc.constant<Step>((_, client) => client.more()),
  fc.constant<Step>((_, client) => client.stream()),
  fc.constant<Step>((_, client) => client.reset()),
  fc.nat({ max: 4 }).map(
    (count): Step =>
      (_, client) =>
        client.receive(count),
  ),
  fc.nat({ max: 4 }).map(
    (earlier): Step =>
      (_, client) =>
        client.disconnect(earlier),
  ),
  index.map(
    (nth): Step =>
      (_, client) =>
        client.answer(nth),
  ),
);

const given = [fc.nat({ max: 8 }), fc.array(step, { maxLength: 40 })] as const;

function begin(stored: number): [ModelledServer, Client] {
  const server = new ModelledServer();
  for (let count = 0; count < stored; count++) server.store(count % 2 ? 'news' : null);
  const client = new Client(server);
  client.load();
  return [server, client];
}

function expectAgreement(server: ModelledServer, { state }: Client): void {
  expect(list(state)).toEqual(server.list(state.view));
  expect(counts(state)).toEqual(server.counts());
  expect(state.pending).toEqual([]);
}

test('whatever the order of pages, events and actions, list and counts end as those of the server', () => {
  fc.assert(
    fc.property(...given, (stored, steps) => {
      const [server, client] = begin(stored);
      for (const each of steps) each(server, client);
      client.settle();
      expectAgreement(server, client);
    }),
    { numRuns: 3_000 },
  );
});

test('a client that is sent each change as it happens agrees with the server too', () => {
  fc.assert(
    fc.property(...given, (stored, steps) => {
      const [server, client] = begin(stored);
      client.answer(0);
      for (const each of steps) {
        each(server, client);
        client.stream();
        client.receive(Number.POSITIVE_INFINITY, false);
      }
      client.settle();
      expectAgreement(server, client);
    }),
    { numRuns: 1_000 },
  );
});
