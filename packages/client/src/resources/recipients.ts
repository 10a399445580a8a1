import type {
  ContactPoint,
  Device,
  EnableContactPointRequest,
  ImportResult,
  IssueTokenRequest,
  Operations,
  Preferences,
  PreferencesPageLink,
  PutPreferencesRequest,
  PutRecipientRequest,
  Recipient,
  RecipientBatchRequest,
  RecipientBatchResult,
  RecipientExport,
  RecipientToken,
  RecipientWithReachability,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';
import { type ImportOptions, type ImportSource, importRecipients } from './imports.ts';

/** Exactly one of `fcm_token`, `apns_token` and `subscription`. */
export type PushTarget = Operations['addDevice']['body'];

export type ListRecipients = Omit<NonNullable<Operations['listRecipients']['query']>, 'cursor' | 'format'>;

/** People and where they can be reached. `id` is always your own id of the person. */
export class Recipients {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Creates or changes: an omitted field stays unchanged, null removes it. */
  put(id: string, body: PutRecipientRequest, options?: CallOptions): Promise<Recipient> {
    return this.#api.call('putRecipient', { path: { recipient_id: id }, body }, options);
  }

  /** Up to 1000 at once, with one result per item, in order: a bad one fails alone. */
  putBatch(
    recipients: RecipientBatchRequest['recipients'],
    options?: CallOptions,
  ): Promise<{ results: RecipientBatchResult[] }> {
    return this.#api.call('putRecipientBatch', { body: { recipients } }, options);
  }

  /** Any number, from a file or a stream: each row is treated as a PUT of it. */
  import(source: ImportSource, options: ImportOptions): Promise<ImportResult> {
    return importRecipients(this.#api, source, options);
  }

  /** With what stands in the way of reaching them. */
  get(id: string, options?: CallOptions): Promise<RecipientWithReachability> {
    return this.#api.call('getRecipient', { path: { recipient_id: id } }, options);
  }

  /** Sorted by id. All filters must match; `email` and `phone` in any spelling. */
  list(query: ListRecipients = {}, options?: CallOptions): Pages<Recipient> {
    return new Pages((cursor) => this.#api.call('listRecipients', { query: { ...query, cursor } }, options));
  }

  /** All that is held about them; older messages by `cursor`. Texts only with the scope `content:read`. */
  export(id: string, query: { cursor?: string } = {}, options?: CallOptions): Promise<RecipientExport> {
    return this.#api.call('exportRecipient', { path: { recipient_id: id }, query }, options);
  }

  /** Lets a contact point be used again that bounces have disabled. */
  enableContactPoint(
    id: string,
    contactPointId: string,
    body?: EnableContactPointRequest,
    options?: CallOptions,
  ): Promise<ContactPoint> {
    const path = { recipient_id: id, contact_point_id: contactPointId };
    return this.#api.call('enableContactPoint', { path, body }, options);
  }

  /** Permanent. `suppress`: nothing is sent to their addresses again, not even after a new registration. */
  async erase(
    id: string,
    { suppress, ...options }: CallOptions & { suppress?: boolean } = {},
  ): Promise<void> {
    const query = suppress === undefined ? {} : ({ suppress: suppress ? 'true' : 'false' } as const);
    await this.#api.call('eraseRecipient', { path: { recipient_id: id }, query }, options);
  }

  /** For push. Call it whenever the app starts: a known device is refreshed. */
  addDevice(id: string, body: PushTarget, options?: CallOptions): Promise<Device> {
    return this.#api.call('addDevice', { path: { recipient_id: id }, body }, options);
  }

  async removeDevice(id: string, body: PushTarget, options?: CallOptions): Promise<void> {
    await this.#api.call('removeDevice', { path: { recipient_id: id }, body }, options);
  }

  getPreferences(id: string, options?: CallOptions): Promise<Preferences> {
    return this.#api.call('getPreferences', { path: { recipient_id: id } }, options);
  }

  /** An omitted field stays unchanged; a value replaces it completely. */
  putPreferences(id: string, body: PutPreferencesRequest, options?: CallOptions): Promise<Preferences> {
    return this.#api.call('putPreferences', { path: { recipient_id: id }, body }, options);
  }

  /** A link to the preference page of a recipient, for your own pages. */
  preferencesLink(id: string, options?: CallOptions): Promise<PreferencesPageLink> {
    return this.#api.call('createPreferencesLink', { path: { recipient_id: id } }, options);
  }

  /** A token for the programs of this one person: their inbox, their preferences. It is not stored, and ends by itself. */
  issueToken(id: string, body: IssueTokenRequest = {}, options?: CallOptions): Promise<RecipientToken> {
    return this.#api.call('issueRecipientToken', { path: { recipient_id: id }, body }, options);
  }
}
