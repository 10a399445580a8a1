import type {
  Accepted,
  PatchProviderAccountRequest,
  Provider,
  ProviderAccount,
  ProviderAccountVerdict,
  ProviderAccountWithHealth,
  PutProviderAccountRequest,
  TestProviderAccountRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** The accounts that send messages. Installation-wide: needs a live key with `providers:read` or `providers:*`. */
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
  put(
    account: string,
    body: PutProviderAccountRequest,
    options?: CallOptions,
  ): Promise<Tagged<ProviderAccount>> {
    return this.#api.tagged('putProviderAccount', { path: { account }, body }, options);
  }

  patch(
    account: string,
    body: PatchProviderAccountRequest,
    options?: CallOptions,
  ): Promise<Tagged<ProviderAccount>> {
    return this.#api.tagged('patchProviderAccount', { path: { account }, body }, options);
  }

  /** With its health in the last minutes. Give its `etag` as `ifMatch` to a change that starts from it. */
  get(account: string, options?: CallOptions): Promise<Tagged<ProviderAccountWithHealth>> {
    return this.#api.tagged('getProviderAccount', { path: { account } }, options);
  }

  list(options?: CallOptions): Pages<ProviderAccountWithHealth> {
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
