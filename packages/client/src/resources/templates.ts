import type { ListedTemplate, Preview, PreviewRequest, PutTemplateRequest, Template } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** Texts by channel and locale. */
export class Templates {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * Publishes a new version, unless the published one is identical. Notifications accepted before keep their version.
   */
  put(key: string, body: PutTemplateRequest, options?: CallOptions): Promise<Template> {
    return this.#api.call('putTemplate', { path: { key }, body }, options);
  }

  /** The published version, or another one. */
  get(key: string, { version, ...options }: CallOptions & { version?: number } = {}): Promise<Template> {
    return this.#api.call('getTemplate', { path: { key }, query: { version } }, options);
  }

  /** Sorted by key. */
  list(query: { limit?: number } = {}, options?: CallOptions): Pages<ListedTemplate> {
    return new Pages((cursor) => this.#api.call('listTemplates', { query: { ...query, cursor } }, options));
  }

  /** Renders the template with sample data. Sends nothing. */
  preview(key: string, body: PreviewRequest, options?: CallOptions): Promise<Preview> {
    return this.#api.call('previewTemplate', { path: { key }, body }, options);
  }
}
