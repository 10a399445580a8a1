export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/**
 * A list of the API. `for await` walks all of it and asks for pages as it needs them; nothing is asked before that.
 *
 * ```ts
 * for await (const notification of carillon.notifications.list({ status: 'in_doubt' })) ...
 * ```
 */
export class Pages<Item> implements AsyncIterable<Item> {
  readonly #load: (cursor: string | undefined) => Promise<Page<Item>>;

  constructor(load: (cursor: string | undefined) => Promise<Page<Item>>) {
    this.#load = load;
  }

  /** One page; the first one without a cursor. `next_cursor` leads to the next and is null on the last. */
  page(cursor?: string): Promise<Page<Item>> {
    return this.#load(cursor);
  }

  /** @param max stops there; lists may be long. */
  async toArray(max: number): Promise<Item[]> {
    const items: Item[] = [];
    if (max <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= max) break;
    }
    return items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    let cursor: string | null | undefined;
    do {
      const page = await this.#load(cursor ?? undefined);
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }
}
