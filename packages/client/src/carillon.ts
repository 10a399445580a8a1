import { checkedUrl } from './base-url.ts';
import { assertCallOptions } from './call-options.ts';
import { ApiKeys } from './resources/api-keys.ts';
import { Apps } from './resources/apps.ts';
import { Audiences } from './resources/audiences.ts';
import { Breakers } from './resources/breakers.ts';
import { Bulk } from './resources/bulk.ts';
import { Campaigns } from './resources/campaigns.ts';
import { Categories } from './resources/categories.ts';
import { Imports } from './resources/imports.ts';
import { Inbox } from './resources/inbox.ts';
import { Lanes } from './resources/lanes.ts';
import { Notifications } from './resources/notifications.ts';
import { Overview, Requests } from './resources/overview.ts';
import { ProviderAccounts } from './resources/provider-accounts.ts';
import { Recipients } from './resources/recipients.ts';
import { Audit, Staff } from './resources/staff.ts';
import { Suppressions } from './resources/suppressions.ts';
import { Layouts, Partials } from './resources/template-parts.ts';
import { Templates } from './resources/templates.ts';
import { WebhookEndpoints } from './resources/webhook-endpoints.ts';
import { createTransport, type FetchLike } from './transport.ts';
import { wait } from './wait.ts';

export interface CarillonOptions {
  /** `cln_live_...` reaches real providers, `cln_test_...` only the simulator. */
  apiKey: string;
  /** The URL of your Carillon: `https://carillon.example.com`. */
  baseUrl: string;
  /** Replaces the runtime's fetch: for proxies, tests, a Hono app in the same process (`app.request`). */
  fetch?: FetchLike;
  /** Timeout of one try, including its answer. Default: 30 s. */
  timeoutMs?: number;
  /** Retries after the first try, for transient failures: no answer, 429, 5xx. Default: 3; 0 for none. */
  retries?: number;
}

/**
 * A client of one Carillon and one API key. It keeps no connection and no state: create one per process, or one per
 * request. Calls either return what the API answered or throw a CarillonError.
 */
export class Carillon {
  readonly notifications: Notifications;
  readonly bulk: Bulk;
  readonly recipients: Recipients;
  readonly imports: Imports;
  readonly inbox: Inbox;
  readonly templates: Templates;
  readonly layouts: Layouts;
  readonly partials: Partials;
  readonly suppressions: Suppressions;
  readonly audiences: Audiences;
  readonly campaigns: Campaigns;
  readonly categories: Categories;
  readonly webhookEndpoints: WebhookEndpoints;
  readonly providerAccounts: ProviderAccounts;
  readonly breakers: Breakers;
  readonly lanes: Lanes;
  readonly apps: Apps;
  readonly apiKeys: ApiKeys;
  readonly staff: Staff;
  readonly audit: Audit;
  readonly overview: Overview;
  readonly requests: Requests;

  /** @throws TypeError for options that cannot work. */
  constructor({ apiKey, baseUrl, fetch, timeoutMs = 30_000, retries = 3 }: CarillonOptions) {
    assertKey(apiKey);
    assertCallOptions({ timeoutMs, retries });
    const api = createTransport({
      credential: apiKey,
      baseUrl: checkedUrl(baseUrl),
      // Called as a plain function: some runtimes refuse a fetch that is called as a method of another object.
      fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
      timeoutMs,
      retries,
      wait,
      random: Math.random,
    });
    this.notifications = new Notifications(api);
    this.bulk = new Bulk(api);
    this.recipients = new Recipients(api);
    this.imports = new Imports(api);
    this.inbox = new Inbox(api);
    this.templates = new Templates(api);
    this.layouts = new Layouts(api);
    this.partials = new Partials(api);
    this.suppressions = new Suppressions(api);
    this.audiences = new Audiences(api);
    this.campaigns = new Campaigns(api);
    this.categories = new Categories(api);
    this.webhookEndpoints = new WebhookEndpoints(api);
    this.providerAccounts = new ProviderAccounts(api);
    this.breakers = new Breakers(api);
    this.lanes = new Lanes(api);
    this.apps = new Apps(api);
    this.apiKeys = new ApiKeys(api);
    this.staff = new Staff(api);
    this.audit = new Audit(api);
    this.overview = new Overview(api);
    this.requests = new Requests(api);
  }
}

/** Never contains the key: errors end up in logs. */
function assertKey(apiKey: unknown): void {
  if (typeof apiKey === 'string' && /^[\x21-\x7e]+$/.test(apiKey)) return;
  throw new TypeError(
    'apiKey is missing, or has a space or another character that no key has. Pass "cln_...".',
  );
}
