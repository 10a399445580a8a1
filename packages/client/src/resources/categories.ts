import type { Category, PutCategoryRequest } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** How messages of a category are treated. `*` applies to all categories without their own settings. */
export class Categories {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  put(name: string, body: PutCategoryRequest, options?: CallOptions): Promise<Tagged<Category>> {
    return this.#api.tagged('putCategory', { path: { name }, body }, options);
  }

  get(name: string, options?: CallOptions): Promise<Tagged<Category>> {
    return this.#api.tagged('getCategory', { path: { name } }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<Category> {
    return new Pages((cursor) => this.#api.call('listCategories', { query: { ...query, cursor } }, options));
  }

  async delete(name: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteCategory', { path: { name } }, options);
  }
}
