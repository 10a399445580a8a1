import type {
  Accepted,
  PatchProviderAccountRequest,
  Provider,
  ProviderAccount,
  ProviderAccountVerdict,
  PutProviderAccountRequest,
  TestProviderAccountRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** The accounts that send messages. Installation-wide: needs a live key with the scope `admin`. */
export class ProviderAccounts {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** The providers that accounts can be made for, with the fields of their accounts. */
  providers(options?: CallOptions): Pages<Provider> {
    return new Pages(() => this.#api.call('listProviders', {}, options));
  }

  /** Creates or replaces. Omitted credentials stay. */
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

  /** Verifies the credentials with the provider. Sends nothing. */
  verify(account: string, options?: CallOptions): Promise<ProviderAccountVerdict> {
    return this.#api.call('verifyProviderAccount', { path: { account } }, options);
  }

  /** Sends a real message through this account and no other; `notifications.get` of its id shows the result. */
  test(account: string, body: TestProviderAccountRequest, options?: CallOptions): Promise<Accepted> {
    return this.#api.call('testProviderAccount', { path: { account }, body }, options);
  }
}
