import type { ListedTemplate, Preview, PreviewRequest, PutTemplateRequest, Template } from '../api-types.ts';
import { Pages } from '../pages.ts';
import type { CallOptions, Transport } from '../transport.ts';

/** Texts by channel and locale. */
export class Templates {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Publishes a new version, unless the published one says exactly this. What was accepted before keeps its version. */
  put(key: string, body: PutTemplateRequest, options?: CallOptions): Promise<Template> {
    return this.#api.call('putTemplate', { path: { key }, body }, options);
  }

  /** The published version, or another one. */
  get(key: string, { version, ...options }: CallOptions & { version?: number } = {}): Promise<Template> {
    return this.#api.call('getTemplate', { path: { key }, query: { version } }, options);
  }

  /** By key. */
  list(query: { limit?: number } = {}, options?: CallOptions): Pages<ListedTemplate> {
    return new Pages((cursor) => this.#api.call('listTemplates', { query: { ...query, cursor } }, options));
  }

  /** What it makes of some data. Sends nothing. */
  preview(key: string, body: PreviewRequest, options?: CallOptions): Promise<Preview> {
    return this.#api.call('previewTemplate', { path: { key }, body }, options);
  }
}
