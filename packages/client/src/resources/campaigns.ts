import type {
  Campaign,
  CampaignRecipient,
  CampaignReview,
  CreateCampaignRequest,
  MoveCampaignRequest,
  Operations,
  PatchCampaignRequest,
  ScheduleCampaignRequest,
  TestCampaignRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { followCampaign } from '../follow-campaign.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** One template to an audience. */
export class Campaigns {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * A draft: nothing is sent until it is scheduled. Without `idempotency_key` one is generated, so that a repeat after a
   * lost answer does not create a second one.
   */
  create(request: CreateCampaignRequest, options?: CallOptions): Promise<Tagged<Campaign>> {
    const body = { ...request, idempotency_key: request.idempotency_key ?? idempotencyKey.random() };
    return this.#api.tagged('createCampaign', { body }, options);
  }

  /** Only what is named changes; null takes a member away. A scheduled campaign becomes a draft again. */
  patch(id: string, body: PatchCampaignRequest, options?: CallOptions): Promise<Tagged<Campaign>> {
    return this.#api.tagged('patchCampaign', { path: { id }, body }, options);
  }

  /** With counts that are exact at one moment. */
  get(id: string, options?: CallOptions): Promise<Tagged<Campaign>> {
    return this.#api.tagged('getCampaign', { path: { id } }, options);
  }

  /** Newest first. `state`: one, or several with commas. */
  list(
    query: Omit<NonNullable<Operations['listCampaigns']['query']>, 'cursor'> = {},
    options?: CallOptions,
  ): Pages<Campaign> {
    return new Pages((cursor) => this.#api.call('listCampaigns', { query: { ...query, cursor } }, options));
  }

  /** Drafts only. */
  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteCampaign', { path: { id } }, options);
  }

  /** Asks for a count of whom it would reach; `getReview` has the result. */
  review(id: string, options?: CallOptions): Promise<CampaignReview> {
    return this.#api.call('reviewCampaign', { path: { id } }, options);
  }

  /** 404 if there is none of the campaign as it is now. */
  getReview(id: string, options?: CallOptions): Promise<CampaignReview> {
    return this.#api.call('getCampaignReview', { path: { id } }, options);
  }

  /** Real messages, marked as a test. One result per recipient. */
  test(
    id: string,
    body: TestCampaignRequest,
    options?: CallOptions,
  ): Promise<Operations['testCampaign']['answer']> {
    return this.#api.call('testCampaign', { path: { id }, body }, options);
  }

  /** Exactly the recipients behind a figure of `counts`: `state` is its name. */
  recipients(
    id: string,
    query: Omit<NonNullable<Operations['listCampaignRecipients']['query']>, 'cursor'> = {},
    options?: CallOptions,
  ): Pages<CampaignRecipient> {
    return new Pages((cursor) =>
      this.#api.call('listCampaignRecipients', { path: { id }, query: { ...query, cursor } }, options),
    );
  }

  /**
   * The campaign as it is now, and then whenever it changes, until it is over. Connects again by itself.
   *
   * @throws CarillonError what another try would not change: 401, 403, 404.
   */
  stream(
    id: string,
    { signal }: Pick<CallOptions, 'signal'> = {},
  ): AsyncGenerator<Campaign, void, undefined> {
    return followCampaign(this.#api, id, signal);
  }

  /** Now, or at `send_at`. Reviewed first where that was not done. */
  schedule(id: string, body: ScheduleCampaignRequest = {}, options?: CallOptions): Promise<Tagged<Campaign>> {
    return this.#api.tagged('scheduleCampaign', { path: { id }, body }, options);
  }

  /** Once it resolves, nothing more is handed to a provider, except calls that are out. */
  pause(id: string, body: MoveCampaignRequest = {}, options?: CallOptions): Promise<Campaign> {
    return this.#api.call('pauseCampaign', { path: { id }, body }, options);
  }

  resume(id: string, body: MoveCampaignRequest = {}, options?: CallOptions): Promise<Campaign> {
    return this.#api.call('resumeCampaign', { path: { id }, body }, options);
  }

  /** For good. Once it resolves, nothing more is handed to a provider, except calls that are out. */
  cancel(id: string, body: MoveCampaignRequest = {}, options?: CallOptions): Promise<Campaign> {
    return this.#api.call('cancelCampaign', { path: { id }, body }, options);
  }

  /** Exactly this version, by another person than its authors. */
  approve(id: string, options?: CallOptions): Promise<Tagged<Campaign>> {
    return this.#api.tagged('approveCampaign', { path: { id } }, options);
  }
}
