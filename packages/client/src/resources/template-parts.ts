import type {
  PutLayoutRequest,
  PutPartialRequest,
  TemplatePart,
  TemplatePartVersion,
  TemplatePartVersionTexts,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** What stands around the texts of e-mails. */
export class Layouts {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Creates or changes one. Published templates keep the one that they were published with: see `used_by`. */
  put(key: string, body: PutLayoutRequest, options?: CallOptions): Promise<Tagged<TemplatePart>> {
    return this.#api.tagged('putLayout', { path: { key }, body }, options);
  }

  get(key: string, options?: CallOptions): Promise<Tagged<TemplatePart>> {
    return this.#api.tagged('getLayout', { path: { key } }, options);
  }

  /** Sorted by key. */
  list(query: { limit?: number } = {}, options?: CallOptions): Pages<TemplatePart> {
    return new Pages((cursor) => this.#api.call('listLayouts', { query: { ...query, cursor } }, options));
  }

  /** Newest first; the first one is the current one. */
  versions(key: string, query: { limit?: number } = {}, options?: CallOptions): Pages<TemplatePartVersion> {
    return new Pages((cursor) =>
      this.#api.call('listLayoutVersions', { path: { key }, query: { ...query, cursor } }, options),
    );
  }

  /** The texts of one version. To go back to it, `put` them. */
  version(key: string, version: number, options?: CallOptions): Promise<TemplatePartVersionTexts> {
    return this.#api.call('getLayoutVersion', { path: { key, version: String(version) } }, options);
  }

  /** Only one that nothing uses. */
  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteLayout', { path: { key } }, options);
  }
}

/** Pieces that texts put in with `{% render "key" %}`. */
export class Partials {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Creates or changes one. Published templates keep the one that they were published with: see `used_by`. */
  put(key: string, body: PutPartialRequest, options?: CallOptions): Promise<Tagged<TemplatePart>> {
    return this.#api.tagged('putPartial', { path: { key }, body }, options);
  }

  get(key: string, options?: CallOptions): Promise<Tagged<TemplatePart>> {
    return this.#api.tagged('getPartial', { path: { key } }, options);
  }

  /** Sorted by key. */
  list(query: { limit?: number } = {}, options?: CallOptions): Pages<TemplatePart> {
    return new Pages((cursor) => this.#api.call('listPartials', { query: { ...query, cursor } }, options));
  }

  /** Newest first; the first one is the current one. */
  versions(key: string, query: { limit?: number } = {}, options?: CallOptions): Pages<TemplatePartVersion> {
    return new Pages((cursor) =>
      this.#api.call('listPartialVersions', { path: { key }, query: { ...query, cursor } }, options),
    );
  }

  /** The texts of one version. To go back to it, `put` them. */
  version(key: string, version: number, options?: CallOptions): Promise<TemplatePartVersionTexts> {
    return this.#api.call('getPartialVersion', { path: { key, version: String(version) } }, options);
  }

  /** Only one that nothing uses. */
  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deletePartial', { path: { key } }, options);
  }
}
