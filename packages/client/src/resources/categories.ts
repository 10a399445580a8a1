import type { Category, PutCategoryRequest } from '../api-types.ts';
import { Pages } from '../pages.ts';
import type { CallOptions, Transport } from '../transport.ts';

/** How messages of a kind are treated. `*` holds for all that have no settings of their own. */
export class Categories {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  put(name: string, body: PutCategoryRequest, options?: CallOptions): Promise<Category> {
    return this.#api.call('putCategory', { path: { name }, body }, options);
  }

  get(name: string, options?: CallOptions): Promise<Category> {
    return this.#api.call('getCategory', { path: { name } }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<Category> {
    return new Pages((cursor) => this.#api.call('listCategories', { query: { ...query, cursor } }, options));
  }

  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteCategory', { path: { name } }, options);
  }
}
