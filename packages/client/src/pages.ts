export interface Page<Item> {
  data: Item[];
  next_cursor: string | null;
}

/**
 * A list of the API. `for await` walks all of it and requests pages as needed; nothing is requested before that.
 *
 * ```ts
 * for await (const notification of carillon.notifications.list({ status: 'in_doubt' })) ...
 * ```
 */
export class Pages<Item, P extends Page<Item> = Page<Item>> implements AsyncIterable<Item> {
  readonly #load: (cursor: string | undefined) => Promise<P>;

  constructor(load: (cursor: string | undefined) => Promise<P>) {
    this.#load = load;
  }

  /** One page; the first one without a cursor. `next_cursor` is for the next page and null on the last. */
  page(cursor?: string): Promise<P> {
    return this.#load(cursor);
  }

  /** @param max the maximum number of items; lists may be long. A whole number from 0, or Infinity for all. */
  async toArray(max: number): Promise<Item[]> {
    if (!(max === Number.POSITIVE_INFINITY || (Number.isInteger(max) && max >= 0)))
      throw new TypeError(`max is ${String(max)}; it must be a whole number from 0, or Infinity`);
    const items: Item[] = [];
    if (max === 0) return items;
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
