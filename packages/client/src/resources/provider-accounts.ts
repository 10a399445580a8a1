import type {
  Accepted,
  PatchProviderAccountRequest,
  ProviderAccount,
  ProviderAccountVerdict,
  PutProviderAccountRequest,
  TestProviderAccountRequest,
} from '../api-types.ts';
import { Pages } from '../pages.ts';
import type { CallOptions, Transport } from '../transport.ts';

/** What messages go through. Installation-wide: needs a live key with the scope `admin`. */
export class ProviderAccounts {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Creates or replaces. Credentials that are left out stay. */
  put(account: string, body: PutProviderAccountRequest, options?: CallOptions): Promise<ProviderAccount> {
    return this.#api.call('putProviderAccount', { path: { account }, body }, options);
  }

  patch(account: string, body: PatchProviderAccountRequest, options?: CallOptions): Promise<ProviderAccount> {
    return this.#api.call('patchProviderAccount', { path: { account }, body }, options);
  }

  get(account: string, options?: CallOptions): Promise<ProviderAccount> {
    return this.#api.call('getProviderAccount', { path: { account } }, options);
  }

  list(options?: CallOptions): Pages<ProviderAccount> {
    return new Pages(() => this.#api.call('listProviderAccounts', {}, options));
  }

  async delete(account: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteProviderAccount', { path: { account } }, options);
  }

  /** Asks the provider whether the credentials are good. Sends nothing. */
  verify(account: string, options?: CallOptions): Promise<ProviderAccountVerdict> {
    return this.#api.call('verifyProviderAccount', { path: { account } }, options);
  }

  /** Sends a real message through this account and no other; `notifications.get` of its id shows what became of it. */
  test(account: string, body: TestProviderAccountRequest, options?: CallOptions): Promise<Accepted> {
    return this.#api.call('testProviderAccount', { path: { account }, body }, options);
  }
}
