import type {
  ListedTemplate,
  Preview,
  PreviewRequest,
  PutTemplateDraftRequest,
  PutTemplateRequest,
  Template,
  TemplateDiff,
  TemplateDraft,
  TemplateVersion,
  TestTemplateRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** Texts by channel and locale. */
export class Templates {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * Publishes a new version, unless the published one is identical. Notifications accepted before keep their version.
   */
  put(key: string, body: PutTemplateRequest, options?: CallOptions): Promise<Tagged<Template>> {
    return this.#api.tagged('putTemplate', { path: { key }, body }, options);
  }

  /** The published version, or another one. */
  get(
    key: string,
    { version, ...options }: CallOptions & { version?: number } = {},
  ): Promise<Tagged<Template>> {
    return this.#api.tagged('getTemplate', { path: { key }, query: { version } }, options);
  }

  /** Sorted by key. `drafts`: also those of which no version was ever published. */
  list(
    query: { limit?: number; drafts?: 'true' | 'false' } = {},
    options?: CallOptions,
  ): Pages<ListedTemplate> {
    return new Pages((cursor) => this.#api.call('listTemplates', { query: { ...query, cursor } }, options));
  }

  /** Renders the template, its draft or a text with sample data. Sends nothing. */
  preview(key: string, body: PreviewRequest, options?: CallOptions): Promise<Preview> {
    return this.#api.call('previewTemplate', { path: { key }, body }, options);
  }

  /** What to begin editing with: the draft, or the published texts. */
  getDraft(key: string, options?: CallOptions): Promise<Tagged<TemplateDraft>> {
    return this.#api.tagged('getTemplateDraft', { path: { key } }, options);
  }

  /** Stores a draft. With `ifMatch` it overwrites nothing that somebody else wrote. */
  putDraft(
    key: string,
    body: PutTemplateDraftRequest,
    options?: CallOptions,
  ): Promise<Tagged<TemplateDraft>> {
    return this.#api.tagged('putTemplateDraft', { path: { key }, body }, options);
  }

  async discardDraft(key: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteTemplateDraft', { path: { key } }, options);
  }

  /** Publishes the draft as a new version. */
  publish(key: string, options?: CallOptions): Promise<Tagged<Template>> {
    return this.#api.tagged('publishTemplate', { path: { key } }, options);
  }

  /** Publishes the texts of an earlier version again, as a new version. */
  rollBack(key: string, version: number, options?: CallOptions): Promise<Tagged<Template>> {
    return this.#api.tagged('rollBackTemplate', { path: { key }, body: { version } }, options);
  }

  /** Newest first. */
  versions(key: string, query: { limit?: number } = {}, options?: CallOptions): Pages<TemplateVersion> {
    return new Pages((cursor) =>
      this.#api.call('listTemplateVersions', { path: { key }, query: { ...query, cursor } }, options),
    );
  }

  /** What differs between two versions: numbers, `published` or `draft`. */
  diff(
    key: string,
    { from, to }: { from?: number | 'published' | 'draft'; to?: number | 'published' | 'draft' } = {},
    options?: CallOptions,
  ): Promise<TemplateDiff> {
    const query = {
      ...(from === undefined ? {} : { from: String(from) }),
      ...(to === undefined ? {} : { to: String(to) }),
    };
    return this.#api.call('diffTemplate', { path: { key }, query }, options);
  }

  /** Sends a version or the draft to a few people, marked as a test. One result per recipient, in order. */
  async test(key: string, body: TestTemplateRequest, options?: CallOptions) {
    return (await this.#api.call('testTemplate', { path: { key }, body }, options)).results;
  }
}
