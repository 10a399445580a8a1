// biome-ignore-all format: generated
// Generated from the API's /openapi.json by scripts/generate-types.ts; an edit here would be lost. When the API has changed:
// UPDATE_TYPES=1 npm test -- packages/client/scripts

export interface Accepted {
  id: string;
  /** The same as `id`. */
  notification_id: string;
  status: 'pending' | 'scheduled';
  /** Yours, or the one made for you: repeat the request with it. */
  idempotency_key: string;
  created_at: string;
}

export interface ApiKey {
  id: string;
  app_id: string;
  environment: 'live' | 'test';
  name: string;
  scopes: string[];
  state: 'active' | 'expired' | 'revoked';
  /** null is the default of the installation. */
  rate_per_second: number | null;
  created_at: string;
  expires_at: string | null;
  revoked_at: string | null;
  /** Noted once a minute at most. */
  last_used_at: string | null;
  /** The key that a rotation made in its place. */
  replaced_by: string | null;
}

export interface ApiKeyPage {
  data: ApiKey[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type ApiKeyWithText = ApiKey & {
  /** `cln_...`: the key itself. Shown this once. */
  key: string;
};

export interface App {
  id: string;
  name: string;
  time_zone: string | null;
  brand: {
    name?: string | undefined;
    logo_url?: string | undefined;
    color?: string | undefined;
  } | null;
  allowed_origins: string[];
  approves_campaigns: boolean;
  created_at: string;
}

export interface AppPage {
  data: App[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface Attempt {
  /** `<notification id>/<n>`: what the provider was given. */
  id: string;
  n: number;
  channel: 'email' | 'sms' | 'push' | 'in_app';
  provider: string;
  /** How far the call came. */
  phase: 'started' | 'written' | 'answered';
  /** Null while the call is out. */
  outcome: 'accepted' | 'transient' | 'throttled' | 'quota' | 'in_doubt' | 'rejected' | 'bad_recipient' | 'misconfigured' | null;
  provider_message_id: string | null;
  error: {
    code: string;
    message: string | null;
  } | null;
  latency_ms: number | null;
  started_at: string;
  finished_at: string | null;
}

export interface Audience {
  key: string;
  name: string;
  /** `filter`: the recipients who meet it at the moment. `list`: its members. */
  kind: 'filter' | 'list';
  /** Null for a list. */
  filter: Record<string, unknown> | null;
  updated_by: string;
  created_at: string;
  updated_at: string;
}

export interface AudienceCount {
  /** Exactly; null for an estimate. */
  count: number | null;
  /** The count, or the estimate to two significant digits. */
  about: number;
  counted_at: string;
  took_ms: number;
  /** How many an ordinary message would reach now by each channel, apart from categories, quiet hours and caps. */
  reachable: {
    email: number;
    sms: number;
    push: number;
    in_app: number;
  } | null;
  /** The others, by the first reason that holds. Together with `reachable` they are the count. */
  unreachable: {
    email: {
      opted_out: number;
      no_address: number;
      disabled: number;
      suppressed: number;
    };
    sms: {
      opted_out: number;
      no_address: number;
      disabled: number;
      suppressed: number;
    };
    push: {
      opted_out: number;
      no_address: number;
      disabled: number;
      suppressed: number;
    };
    in_app: {
      opted_out: number;
      no_address: number;
      disabled: number;
      suppressed: number;
    };
  } | null;
}

export interface AudiencePage {
  data: AudienceWithUsers[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type AudienceWithUsers = Audience & {
  /** Audiences whose filter names it, and campaigns for it that have not started. */
  used_by: {
    /** Their keys. */
    audiences: string[];
    campaigns: {
      id: string;
      name: string;
    }[];
  };
  /** Of the last exact count by GET .../count; null since its filter was changed. */
  last_count: {
    count: number;
    counted_at: string;
  } | null;
};

export interface AuditEntry {
  /** A number that rises with time. */
  id: string;
  at: string;
  /** null: it concerns the whole installation. */
  app_id: string | null;
  /** `key:<id>`, `staff:<e-mail>`, `system:<service>` or `carillon-admin (<user>@<host>)`. */
  actor: string;
  /** `api_key.revoke`, `notification.retry` ... */
  action: string;
  /** `api_key:<id>`, `notification:<id>` ... */
  subject: string;
  /** What changed: never a secret, an address or a message. */
  detail: Record<string, unknown>;
  /** The members that were something else before; null where the entry does not say. */
  before: Record<string, unknown> | null;
  /** The same members as they are since. */
  after: Record<string, unknown> | null;
}

export interface AuditEntryPage {
  data: AuditEntry[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface AuditVerification {
  /** `unfinished`: intact so far, and there are more rows than one answer checks: go on with `next_cursor`. */
  status: 'intact' | 'broken' | 'unfinished';
  /** Rows that this answer checked. */
  checked: number;
  /** The first row that was changed, or whose predecessor was changed or removed. */
  broken: {
    id: string;
    at: string;
  } | null;
  /** The last row that was checked. Note it elsewhere: if it is gone later, the newest rows were removed, which the chain itself does not show. */
  head: {
    id: string;
    hash: string;
  } | null;
  next_cursor: string | null;
}

export interface BatchRecipient {
  email?: string | null | undefined;
  phone?: string | null | undefined;
  locale?: string | null | undefined;
  /** IANA name. */
  time_zone?: string | null | undefined;
  /** Anything you select audiences by. Replaced as a whole. */
  attributes?: Record<string, unknown> | undefined;
  /** Your own id of the person: without white space around it and without invisible characters, in Unicode normal form C. Compared character by character. */
  id: string;
}

export interface BatchRequest {
  notifications: SendRequest[];
}

export type BatchResult = {
  id: string;
  /** The same as `id`. */
  notification_id: string;
  /** The HTTP status of this item. */
  status: 202;
  /** Yours, or the one made for you: repeat the request with it. */
  idempotency_key: string;
  created_at: string;
  index: number;
  state: 'pending' | 'scheduled';
  /** Whether an earlier, equal request had stored it. */
  replayed: boolean;
} | {
  index: number;
  status: number;
  error: Problem;
};

export interface Breaker {
  /** The provider account. */
  account: string;
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** `closed` lets calls through, `open` none, `half_open` a few on trial. */
  state: 'closed' | 'open' | 'half_open';
  /** `key:<key id>` or `staff:<e-mail>` while a person holds it; null while it moves by itself. */
  held_by: string | null;
  reason: string | null;
  changed_at: string;
  /** When an open one that nobody holds is probed next. */
  probe_at: string | null;
}

export interface BreakerPage {
  data: Breaker[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface BulkAction {
  id: string;
  action: 'retry' | 'cancel' | 'reschedule';
  /** As it was given; without an address once it is over. */
  filter: Record<string, string>;
  send_at: string | null;
  accept_duplicate_risk: boolean;
  dry_run: boolean;
  rate_per_second: number;
  status: 'running' | 'done' | 'stopped';
  /** How many matched when it was requested. */
  matched: number;
  /** False if there are more than `matched`: counting all of them took too long. */
  matched_is_complete: boolean;
  /** How many were moved. */
  done: number;
  /** How many were left as they are, by reason. `not_found`: It was removed since. `wrong_state`: Its state does not allow it: it is being sent, or it ended as intended. `expired`: It has expired, or would before the new time. `may_have_arrived`: It may have arrived already. With accept_duplicate_risk it is sent again all the same. `campaign_cancelled`: Its campaign was cancelled. `texts_removed`: It is of a secret category, and its texts were removed. */
  skipped: Record<string, number>;
  created_at: string;
  finished_at: string | null;
}

export interface BulkActionPage {
  data: BulkAction[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface BulkRequest {
  action: 'retry' | 'cancel' | 'reschedule';
  /** As in the query of the list, with at least one member. Only what exists now is moved. */
  filter: {
    recipient_id?: string | undefined;
    /** E-mail address, phone number, device token or Web Push endpoint, in any spelling (encode a plus sign as %2B). Finds what was sent to it, and everything sent to recipients who have it now. Recipients that were erased are not found by it. */
    address?: string | undefined;
    /** One, or any of several: `dead,failed`. */
    status?: string | undefined;
    /** The channel that is tried now, or was last; one, or any of several. */
    channel?: string | undefined;
    /** One, or any of several. */
    priority?: string | undefined;
    category?: string | undefined;
    campaign_id?: string | undefined;
    /** The key of its template. */
    template?: string | undefined;
    /** The provider account of its last attempt, as in the field of that name. */
    provider?: string | undefined;
    /** The error code of its last attempt, or of the report that failed it: `error.code`. */
    error?: string | undefined;
    /** The provider's id of any of its attempts. */
    provider_message_id?: string | undefined;
    idempotency_key?: string | undefined;
    /** At this time or later. */
    created_after?: string | undefined;
    /** Before this time. */
    created_before?: string | undefined;
    /** Only what is scheduled, to be sent at this time or later. The time of sending is `next_attempt_at`: `send_at`, or the end of the quiet hours that hold it. */
    send_at_after?: string | undefined;
    /** Only what is scheduled, to be sent before this time. */
    send_at_before?: string | undefined;
  };
  /** For `reschedule`, and only there: the new time. */
  send_at?: string | undefined;
  /** For `retry`: also what may have arrived already, and may then arrive twice. */
  accept_duplicate_risk?: boolean | undefined;
  /** Only counts what matches. */
  dry_run?: boolean | undefined;
  /** How many a second at most, 1 to 200; 50 unless said. */
  rate_per_second?: number | undefined;
  /** An equal request with the same key gets the action that the first one started. */
  idempotency_key?: string | undefined;
}

export interface Campaign {
  id: string;
  name: string;
  state: 'draft' | 'scheduled' | 'running' | 'paused' | 'done' | 'cancelled' | 'failed';
  /** Why it was paused or has failed. */
  reason: string | null;
  template: string | null;
  route: ('email' | 'sms' | 'push' | 'in_app')[];
  category: string | null;
  priority: 'critical' | 'normal' | 'bulk';
  audience: {
    filter?: Record<string, unknown> | undefined;
    audience?: string | undefined;
    recipient_ids?: string[] | undefined;
  } | null;
  data: Record<string, unknown>;
  variables: Record<string, string>;
  events: 'problems' | 'all';
  throttle_per_minute: number | null;
  expires_at: string | null;
  variants: CampaignVariant[];
  /** Which variant is better, as far as can be said; empty without two variants. */
  verdicts: CampaignVerdict[];
  holdout_percent: number;
  /** As it was scheduled last; null if it never was. */
  schedule: {
    send_at: string | null;
    in_recipient_time_zone: boolean;
    late: 'now' | 'next_day' | 'skip';
  } | null;
  /** The template versions that it sends; pinned when it was scheduled. */
  content: {
    variant: string;
    template: string;
    version: number;
  }[] | null;
  /** When its launch begins. */
  starts_at: string | null;
  /** Rises with every change by a person. */
  version: number;
  /** Its app asks that another person than its authors approves it before it is scheduled. */
  needs_approval: boolean;
  /** Who approved exactly this version; null if nobody did. */
  approved_by: string | null;
  counts: CampaignCounts;
  /** At which its messages end now; null while it does not run. */
  rate_per_minute: number | null;
  /** When it will be done at this rate; null where that is unknown. */
  ends_at: string | null;
  created_by: string;
  /** `key:<key id>` or `staff:<e-mail>` that changed its content, audience or schedule last; null if that was before this was noted. */
  updated_by: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  ended_at: string | null;
}

/** Exact at one moment: planned = remaining + made + not_made, and made = open + the final states. */
export interface CampaignCounts {
  /** The frozen audience: remaining + made + the sum of not_made. */
  planned: number;
  /** Not looked at yet. */
  remaining: number;
  /** Recipients who get nothing, by reason. */
  not_made: {
    unknown?: number | undefined;
    no_contact_point?: number | undefined;
    missing_variable?: number | undefined;
    holdout?: number | undefined;
    already_made?: number | undefined;
    too_late?: number | undefined;
  };
  /** Notifications; each recipient has one at most. */
  made: number;
  /** Not over: in_progress + scheduled + retrying + in_doubt. */
  open: number;
  in_progress: number;
  /** Held by quiet hours or a pause of the recipient. */
  scheduled: number;
  retrying: number;
  in_doubt: number;
  sent: number;
  delivered: number;
  failed: number;
  dead: number;
  suppressed: number;
  /** Not wanted: opted out, or a cap of the recipient. */
  skipped: number;
  cancelled: number;
  expired: number;
}

export interface CampaignPage {
  data: Campaign[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface CampaignRecipient {
  /** Null for one that was erased. */
  recipient_id: string | null;
  /** The state of the notification, or that there is none. */
  state: 'remaining' | 'not_made' | 'scheduled' | 'pending' | 'queued' | 'sending' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired';
  /** Why there is no notification. */
  reason: 'unknown' | 'no_contact_point' | 'missing_variable' | 'holdout' | 'already_made' | 'too_late' | null;
  /** The variables that were missing. */
  detail: string | null;
  notification_id: string | null;
  channel: 'email' | 'sms' | 'push' | 'in_app' | null;
  variant: string | null;
  error_code: string | null;
  updated_at: string | null;
}

export interface CampaignRecipientPage {
  data: CampaignRecipient[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface CampaignReview {
  /** Of what was reviewed: content, audience and template versions. For `review_id` of schedule. */
  id: string;
  state: 'counting' | 'done' | 'failed';
  requested_at: string;
  counted_at: string | null;
  /** matched = the sum of reachable + suppressed + opted_out + no_contact_point. Null until it is done. */
  of: {
    /** Recipients of the audience. */
    matched: number;
    /** Recipients whom each channel of the route would reach: the first one that can. */
    reachable: {
      email?: number | undefined;
      sms?: number | undefined;
      push?: number | undefined;
      in_app?: number | undefined;
    };
    /** All their addresses are suppressed. */
    suppressed: number;
    /** They do not want it, by any channel that could reach them. */
    opted_out: number;
    no_contact_point: number;
    /** Recipients without a variable that the texts print: they get nothing. */
    missing_variable: Record<string, number>;
    /** Reachable, but in quiet hours or paused at the moment: held until that ends. */
    quiet_now: number;
    /** Without a time zone, or with one that is not known: the app’s counts. */
    unknown_zone: number;
  } | null;
  /** When the last message would be made at the chosen rate. */
  ends_at: string | null;
  /** Why counting failed. */
  error: string | null;
}

export interface CampaignVariant {
  key: string;
  template: string;
  weight: number;
  counts: {
    /** Notifications; each recipient has one at most. */
    made: number;
    /** Not over: in_progress + scheduled + retrying + in_doubt. */
    open: number;
    in_progress: number;
    /** Held by quiet hours or a pause of the recipient. */
    scheduled: number;
    retrying: number;
    in_doubt: number;
    sent: number;
    delivered: number;
    failed: number;
    dead: number;
    suppressed: number;
    /** Not wanted: opted out, or a cap of the recipient. */
    skipped: number;
    cancelled: number;
    expired: number;
  };
}

export interface CampaignVerdict {
  metric: 'delivered' | 'failed';
  verdict: 'not_enough_data' | 'decided';
  /** The variant that is better than each other one. */
  best: string | null;
  /** Of the two best. */
  comparison: {
    first: string;
    second: string;
    /** At 95 %. */
    difference: {
      low: number;
      high: number;
    };
    z: number;
    p: number;
  } | null;
  arms: {
    key: string;
    count: number;
    of: number;
    share: number | null;
    /** At 95 %. */
    interval: {
      low: number;
      high: number;
    } | null;
  }[];
  text: string;
}

/** At most `max` notifications in any `window_seconds`; what is beyond that is skipped. */
export interface Cap {
  /** Left out: any. */
  channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
  /** Left out: any. */
  category?: string | undefined;
  max: number;
  /** At most 31 days. */
  window_seconds: number;
}

export interface Category {
  name: string;
  /** What decides when it is unknown whether a message was sent and no evidence tells. `resolve` waits for evidence until a deadline; then critical ones are sent again, the others wait for a person. `at_least_once` sends again after the deadline. `at_most_once` never sends again what may have arrived. `ask` leaves it to a person. */
  delivery_policy: 'resolve' | 'at_least_once' | 'at_most_once' | 'ask';
  /** Null: the default of the priority. */
  resolve_within_seconds: number | null;
  /** Null: the schedule of the priority. */
  backoff_seconds: number[] | null;
  /** People may opt out of it: its e-mails carry List-Unsubscribe headers, and it is on their preference page. */
  unsubscribable: boolean;
  /** E-mail: a pixel tells of opens. */
  track_opens: boolean;
  /** E-mail: rewritten links tell of clicks. */
  track_clicks: boolean;
  /** For one-time passwords and the like: content, data and attachments of its messages are removed as soon as they are final (`sent`, `failed`, `dead` ...), within seconds. Such a message can no longer be retried. */
  secret: boolean;
  titles: Record<string, string>;
  descriptions: Record<string, string>;
  /** Whether recipients who said nothing about it get it. `false`: they have to opt in. Messages to a bare address are sent in any case. */
  default: boolean;
  /** Nobody can opt out of it: what a recipient says about it does not count. An opt-out of a channel does. */
  lock: boolean;
  updated_at: string;
}

export interface CategoryPage {
  data: Category[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type CategoryWish = boolean | {
  email?: boolean | undefined;
  sms?: boolean | undefined;
  push?: boolean | undefined;
  in_app?: boolean | undefined;
};

export interface ChannelContent {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** The call that got it: the accepted one, else the last. Null where no provider was called yet. */
  attempt_id: string | null;
  /** The provider account of that call. */
  provider: string | null;
  outcome: 'accepted' | 'transient' | 'throttled' | 'quota' | 'in_doubt' | 'rejected' | 'bad_recipient' | 'misconfigured' | null;
  /** Of the text that was chosen; null with inline content. */
  locale: string | null;
  /** The address that the request named, of a device only its end. Null for an address of the recipient, which is not kept with the message. */
  to: string | null;
  from: string | null;
  /** Why it cannot be rendered: the provider was given nothing. */
  problem: {
    code: string;
    message: string;
  } | null;
  subject?: string | undefined;
  text?: string | undefined;
  /** With its own links, and without the pixel, where they are tracked. */
  html?: string | undefined;
  title?: string | undefined;
  body?: string | undefined;
  url?: string | undefined;
  /** E-mail only. `Message-ID` where it is ours (SMTP). The token in `List-Unsubscribe` is masked. */
  headers?: Record<string, string> | undefined;
  /** E-mail only: what its category tracks now. */
  tracking?: {
    opens: boolean;
    clicks: boolean;
  } | undefined;
  /** SMS only: what the network makes of it. */
  sms?: {
    encoding: 'gsm7' | 'ucs2';
    units: number;
    segments: number;
  } | undefined;
  /** Push only: what it has beside its text. */
  options?: {
    sound?: string | null | undefined;
    badge?: number | undefined;
    data?: Record<string, string> | undefined;
  } | undefined;
}

export interface ContactPoint {
  id: string;
  kind: 'email' | 'phone' | 'fcm' | 'apns' | 'web_push';
  /** Device tokens are secrets: only their end is shown. */
  address: string;
  created_at: string;
  verified_at: string | null;
  disabled_at: string | null;
  /** Why nothing is sent there any more. */
  disabled_reason: string | null;
}

export type ContactPointSuppression = Suppression & {
  /** Whose address it is; null for the in-app inbox, which needs none. */
  contact_point_id: string | null;
};

export interface CountFilterRequest {
  filter: Filter;
}

export interface CreateApiKeyRequest {
  /** Left out: the app of the calling key. */
  app_id?: string | undefined;
  environment: 'live' | 'test';
  /** For people: which program has it. */
  name: string;
  /** `installation` brings `admin` with it, and is given only by a key that has it. */
  scopes: ('notifications:write' | 'notifications:read' | 'content:read' | 'recipients:read' | 'recipients:*' | 'recipients:import' | 'templates:*' | 'campaigns:read' | 'campaigns:*' | 'webhooks:*' | 'suppressions:*' | 'notifications:work' | 'doubts:settle' | 'addresses:read' | 'templates:read' | 'suppressions:read' | 'categories:read' | 'categories:*' | 'audiences:read' | 'audiences:*' | 'webhooks:read' | 'providers:read' | 'providers:hold' | 'providers:*' | 'overview:read' | 'sandbox:read' | 'requests:read' | 'keys:*' | 'audit:read' | 'queues:work' | 'queues:administer' | 'staff:*' | 'admin' | 'installation')[];
  /** Over all API processes; null is the default of the installation. */
  rate_per_second?: number | null | undefined;
  /** Left out or null: until it is revoked. */
  expires_at?: string | null | undefined;
}

export interface CreateAppRequest {
  /** No two apps have the same. */
  name: string;
  /** IANA name, for times in templates of recipients that have no zone of their own; null is UTC. */
  time_zone?: string | null | undefined;
  /** How the pages look that your recipients see (unsubscribing, preferences). Replaced as a whole; null: the name of the app, no logo, our colours. */
  brand?: {
    /** The name for people; without it the name of the app. */
    name?: string | undefined;
    /** https. The browsers of your recipients load it from there. */
    logo_url?: string | undefined;
    /** Buttons and links, `#rrggbb`. Texts on it become black or white, and links lighter or darker, until they are readable. */
    color?: string | undefined;
  } | null | undefined;
  /** Origins of the web pages that may use tokens of its recipients (the inbox in a page); replaced as a whole. Works within some seconds. */
  allowed_origins?: string[] | undefined;
  /** Campaigns are sent only after another person than their authors has approved exactly them. */
  approves_campaigns?: boolean | undefined;
}

export interface CreateCampaignRequest {
  /** For people. */
  name: string;
  /** The key of the template that everybody gets, unless there are variants. */
  template?: string | null | undefined;
  /** One channel. Give this or `route`. */
  channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
  /** Channels in fallback order. */
  route?: ('email' | 'sms' | 'push' | 'in_app')[] | undefined;
  /** What it is about. With e-mail in the route people must be able to opt out of it. */
  category?: string | null | undefined;
  /** `bulk` lets everything else pass. Campaigns are never critical. */
  priority?: 'normal' | 'bulk' | undefined;
  /** Whom it is for. Frozen when it starts: who joins later gets nothing, and nobody gets it twice. */
  audience?: {
    filter?: Filter | undefined;
    /** The key of a saved audience. */
    audience?: string | undefined;
    /** Exactly these; longer lists are saved audiences. */
    recipient_ids?: string[] | undefined;
  } | null | undefined;
  /** Template variables that everybody shares. */
  data?: Record<string, unknown> | undefined;
  /** Template variables from each recipient: `{ "name": "attributes.first_name" }`. Also `id`, `locale` and `time_zone`. */
  variables?: Record<string, string> | undefined;
  /** Which of its messages are announced to webhook endpoints: those that failed, or all. `campaign.*` events always are. */
  events?: 'problems' | 'all' | undefined;
  /** Messages a minute at most; may be changed while it runs. Null: as fast as possible. */
  throttle_per_minute?: number | null | undefined;
  /** What is not sent by then is not sent at all. */
  expires_at?: string | null | undefined;
  /** Texts to compare. Each recipient gets one, by a hash of campaign and recipient. */
  variants?: {
    /** Its name in counts. */
    key: string;
    template: string;
    /** Its share, relative to those of the others. */
    weight?: number | undefined;
  }[] | undefined;
  /** The share of the audience that gets nothing, for comparison. */
  holdout_percent?: number | undefined;
  /** An equal request with the same key gets the campaign that the first one created. */
  idempotency_key?: string | undefined;
}

export interface CreateStaffMemberRequest {
  email: string;
  /** How the person is called in the dashboard. */
  name?: string | undefined;
  /** One role in every app and both environments; in the place of `roles`. */
  role?: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor' | undefined;
  /** All roles of the person. */
  roles?: {
    role: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor';
    /** null: every app. */
    app_id?: string | null | undefined;
    /** null: both. */
    environment?: 'live' | 'test' | null | undefined;
  }[] | undefined;
}

export interface CreateWebhookEndpointRequest {
  /** https; private networks are refused unless the installation allows them. */
  url: string;
  description?: string | null | undefined;
  /** Which events it hears; left out or empty is every event. */
  event_types?: ('notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.dead' | 'notification.in_doubt' | 'notification.bounced' | 'notification.complained' | 'notification.opened' | 'notification.clicked' | 'notification.seen' | 'notification.read' | 'notification.suppressed' | 'notification.expired' | 'campaign.completed' | 'campaign.paused' | 'campaign.failed' | 'provider.circuit_opened' | 'provider.circuit_closed' | 'webhook_endpoint.disabled')[] | undefined;
}

export interface Device {
  id: string;
  kind: 'fcm' | 'apns' | 'web_push';
  created_at: string;
}

export interface EnableContactPointRequest {
  /** For people: who says that it works again. Kept in the audit log. */
  reason?: string | undefined;
}

export interface EventDelivery {
  /** The `webhook-id`. */
  event_id: string;
  type: string;
  notification_id: string | null;
  status: 'pending' | 'delivered' | 'failed' | 'dropped';
  tries: number;
  next_try_at: string | null;
  last_tried_at: string | null;
  /** What the endpoint answered. */
  last_status: number | null;
  last_error: string | null;
  last_latency_ms: number | null;
  created_at: string;
}

export interface EventDeliveryPage {
  data: EventDelivery[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface Explanation {
  /** `send`: a provider would be called. `hold`: it would wait until `at`, and be judged again. `skip`: it would end `skipped`, `suppressed` or `expired`. `fail`: it would end `failed`. */
  would: 'send' | 'hold' | 'skip' | 'fail';
  /** When it would be sent or looked at again. Null if it would not, or if the time is unknown. */
  at: string | null;
  /** The channel it would end with: the last that was looked at. */
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** The provider account that would be called first. */
  account: string | null;
  /** What the provider would be given. Links that lead out of a category do not work here. */
  rendered: {
    subject?: string | undefined;
    text?: string | undefined;
    html?: string | undefined;
    title?: string | undefined;
    body?: string | undefined;
    url?: string | undefined;
  } | null;
  /** Why, in the order in which a delivery finds out. The last one decides; branch on `code`. */
  because: {
    code: string;
    detail: string;
  }[];
}

/** Who is meant: `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`, `{"audience": "<key>"}`, `{"campaign": "<id>", "is": "not_made"}` or a condition `{"field", "op", "value"}`, within each other. `{"all": []}` is everybody. See docs/audiences.md. */
export type Filter = Record<string, unknown>;

export type HeldNotification = NotificationWithTimeline & {
  /** The variables that it was rendered with; null with inline content. */
  data: Record<string, unknown> | null;
  /** Its inline content; null with a template. */
  content: Record<string, unknown> | null;
};

export interface HoldBreakerRequest {
  /** For people: why. Kept in the audit log. */
  reason: string;
}

export interface Import {
  import_id: string;
  /** `interrupted`: the upload ended before the file did; go on with `from_line`. */
  status: 'running' | 'interrupted' | 'done';
  format: 'ndjson' | 'csv';
  mode: 'upsert' | 'replace';
  dry_run: boolean;
  resubscribe: boolean;
  /** Rows: the sum of the four below. */
  read: number;
  created: number;
  updated: number;
  /** Everything that was given was so already, or a later row of the same id replaced the row. */
  unchanged: number;
  /** Rows that were refused; each has an error. */
  failed: number;
  /** Lines before it are stored or reported: `from_line` of an upload that goes on. */
  next_line: number;
  /** All errors, by their class. */
  errors_by_kind: Record<string, number>;
  /** All errors that are kept, at most 100000, as NDJSON or CSV. */
  errors_url: string;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

export interface ImportError {
  /** Of the file, from 1; where the row begins. */
  line: number;
  /** The field; empty for the line as a whole. */
  path: string;
  /** With the value as typed, shortened. */
  message: string;
  /** The class of the error: not_utf8, malformed_line, line_too_long, wrong_cells, unknown_field, missing_id, invalid_id, invalid_email, invalid_phone, invalid_locale, invalid_time_zone, invalid_attributes, invalid_preferences. */
  kind: string;
}

export interface ImportErrorPage {
  data: ImportError[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface ImportPage {
  data: Import[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type ImportResult = Import & {
  /** By line, the first 1000. */
  errors: ImportError[];
};

export interface InboxMarked {
  /** Messages that were not so already. */
  changed: number;
  /** Of all messages that are neither archived nor snoozed. */
  unread_count: number;
  unseen_count: number;
  /** The number of the last change of this inbox: a stream with `after` this number misses nothing. */
  sequence: number;
}

export interface InboxMessage {
  /** The notification's id. */
  id: string;
  /** Null for a key without `content:read`; so are `body` and `url`. */
  title: string | null;
  body: string | null;
  url: string | null;
  category: string | null;
  created_at: string;
  seen_at: string | null;
  read_at: string | null;
  archived_at: string | null;
  /** Hidden until then; then it is unread, unseen and at the top. */
  snoozed_until: string | null;
  /** The number of its most recent change: of two states of a message the higher one is newer. */
  sequence: number;
}

export interface InboxPage {
  data: InboxMessage[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** Of all messages that are neither archived nor snoozed. */
  unread_count: number;
  unseen_count: number;
  /** The number of the last change of this inbox: a stream with `after` this number misses nothing. */
  sequence: number;
}

export interface IssueTokenRequest {
  /** What the token opens: `inbox` (the routes of /v1/inbox), `preferences` (/v1/my/preferences). */
  scopes?: ('inbox' | 'preferences')[] | undefined;
  ttl_seconds?: number | undefined;
}

export interface Lane {
  /** Also the name of its queue in Bull Board. `events`: for your webhook endpoints. */
  lane: 'email-critical' | 'sms-critical' | 'push-critical' | 'in_app-critical' | 'email-normal' | 'sms-normal' | 'push-normal' | 'in_app-normal' | 'email-bulk' | 'sms-bulk' | 'push-bulk' | 'in_app-bulk' | 'events';
  channel: 'email' | 'sms' | 'push' | 'in_app' | null;
  priority: 'critical' | 'normal' | 'bulk' | null;
  /** In Redis; null while it does not answer. One job may hold up to a hundred notifications. */
  jobs: {
    waiting: number;
    active: number;
    delayed: number;
    failed: number;
  } | null;
  paused: boolean | null;
  /** Since when its oldest waiting job waits. */
  oldest_waiting_seconds: number | null;
  /** In PostgreSQL: it says what waits also while Redis is away. */
  outbox: {
    /** Entries of what is accepted and not in Redis yet; counted up to 10,000. */
    waiting: number;
    /** For how long the oldest of them has been due. */
    oldest_due_seconds: number;
    /** Entries that a newer release wrote and this one leaves alone; during an upgrade. */
    newer_release: number;
  };
}

export interface LanePage {
  data: Lane[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
  /** `down`: it does not answer, so that only the outbox is known. `not_configured`: this API has no REDIS_URL. */
  redis: 'ok' | 'down' | 'not_configured';
}

export interface LiftSuppressionRequest {
  /** For people: who asked for it. Kept in the audit log. */
  reason?: string | undefined;
}

export interface ListedTemplate {
  key: string;
  /** The published one; 0 if none is. */
  version: number;
  /** The locales of each channel. */
  channels: {
    email?: string[] | undefined;
    sms?: string[] | undefined;
    push?: string[] | undefined;
    in_app?: string[] | undefined;
  };
  /** What somebody is writing. */
  draft: {
    updated_at: string;
    updated_by: string;
  } | null;
  created_at: string;
  updated_at: string;
}

export interface LoggedRequest {
  /** A number that rises with time. */
  id: string;
  at: string;
  key_id: string;
  method: string;
  /** As registered: `/v1/notifications/:id`; empty where there is none. */
  route: string;
  /** With ids of this API; ids of people and what this API does not know are replaced. */
  path: string;
  status: number;
  duration_ms: number;
  /** The `X-Request-Id` of the answer. */
  request_id: string;
  /** What it was answered, with the values of the request replaced. */
  problem: {
    code: string;
    detail: string;
    errors: {
      path: string;
      message: string;
    }[] | null;
  } | null;
  /** Of a problem: the form of the body. Members and enumerated values of this API; `...` and 0 stand for what was there. */
  body?: unknown | undefined;
  /** How many more requests of the same key, method, route and status came within two seconds and are not listed. */
  more: number;
}

export interface LoggedRequestPage {
  data: LoggedRequest[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface MarkSentRequest {
  /** As the provider’s console shows it. Later receipts find the notification by it. */
  provider_message_id?: string | undefined;
  /** How it is known. Stands in the timeline. */
  note?: string | undefined;
}

export interface MembersChange {
  /** Ids that were read. */
  read: number;
  /** How many were added or removed; the others were so already. */
  changed: number;
  /** Ids that no recipient has: nobody is created. */
  unknown: number;
  /** The first 100 of them. */
  unknown_ids: string[];
  /** Lines that are not ids. */
  failed: number;
  /** The first 1,000 of them. */
  errors: {
    line: number;
    path: string;
    message: string;
  }[];
}

export interface MembersRequest {
  recipient_ids: string[];
}

export interface MoveCampaignRequest {
  /** Why; shown with the campaign and kept in the audit log. */
  reason?: string | undefined;
}

export interface MovedNotification {
  id: string;
  /** The same as `id`. */
  notification_id: string;
  status: 'scheduled' | 'pending' | 'queued' | 'sending' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired';
  send_at: string | null;
  updated_at: string;
}

export type MyPreferences = Preferences & {
  /** The categories to offer, with what the person gets of each, in their language. */
  category_list: {
    name: string;
    title: string;
    description: string | null;
    /** By one channel at least. */
    wanted: boolean;
    /** Whether it is wanted by each channel, as far as that channel is on. */
    channels: {
      email: boolean;
      sms: boolean;
      push: boolean;
      in_app: boolean;
    };
    /** What people get who said nothing about it. */
    default: boolean;
    /** Nobody can opt out of it. */
    locked: boolean;
  }[];
};

export interface NewSuppression {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** E-mail address (in any case), phone number in E.164, device token or Web Push endpoint; for in_app the recipient id. */
  address: string;
  reason?: 'bounce' | 'complaint' | 'stop' | 'unsubscribe' | 'manual' | undefined;
  /** For people: which request, which list. Not the address. */
  detail?: string | undefined;
}

export interface Notification {
  id: string;
  /** The same as `id`. */
  notification_id: string;
  status: 'scheduled' | 'pending' | 'queued' | 'sending' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired';
  priority: 'critical' | 'normal' | 'bulk';
  category: string | null;
  /** The channel of the route that is tried now, or was last. */
  channel: 'email' | 'sms' | 'push' | 'in_app';
  route: ('email' | 'sms' | 'push' | 'in_app')[];
  /** As in the request. */
  to: {
    recipient_id?: string | undefined;
    email?: string | undefined;
    phone?: string | undefined;
    /** Device tokens are secrets: only their end is shown. */
    push?: {
      kind: 'fcm' | 'apns' | 'web_push';
      ends_with: string;
    } | undefined;
  };
  /** Key of the template; null with inline content. */
  template: string | null;
  /** Pinned when it was accepted. */
  template_version: number | null;
  locale: string | null;
  from: string | null;
  reply_to: string | null;
  event_id: string | null;
  metadata: Record<string, string>;
  idempotency_key: string;
  ordering_key: string | null;
  campaign_id: string | null;
  send_at: string | null;
  expires_at: string | null;
  /** When it comes due, while scheduled or retrying. */
  next_attempt_at: string | null;
  attempt_count: number;
  /** The provider account of the last attempt. */
  provider: string | null;
  provider_message_id: string | null;
  /** Of the last attempt. */
  error: {
    code: string;
    message: string | null;
  } | null;
  created_at: string;
  updated_at: string;
}

export interface NotificationContent {
  id: string;
  /** The same as `id`. */
  notification_id: string;
  /** Why there is nothing to read; there is no content then. */
  unavailable: {
    reason: 'secret' | 'erased';
    detail: string;
  } | null;
  /** One for each channel that was tried, in the order of the route; before that, the next one. */
  contents: ChannelContent[];
}

export interface NotificationPage {
  data: Notification[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type NotificationWithTimeline = Notification & {
  attachments: {
    filename: string;
    content_type: string | null;
    /** Null until it was fetched. */
    size_bytes: number | null;
  }[];
  attempts: Attempt[];
  timeline: TimelineEntry[];
};

export interface Overview {
  measured_at: string;
  /** Rates, priorities and accounts are of this one, lanes and backlog of both. */
  environment: 'live' | 'test';
  /** Counted from the rows of the newest seconds. */
  rates: {
    from: string;
    to: string;
    accepted_per_second: number;
    /** What providers accepted. */
    sent_per_second: number;
  } | null;
  /** What `priorities` and `accounts` are of: the last five minutes, less after a start. */
  window: {
    from: string;
    to: string;
  } | null;
  priorities: {
    priority: 'critical' | 'normal' | 'bulk';
    accepted: number;
    sent: number;
    /** From the time that a notification was due (its acceptance, or send_at) to its acceptance by a provider, in milliseconds, at most 10 % off. null: none was sent. */
    end_to_end_ms: {
      p50: number;
      p99: number;
    } | null;
  }[];
  accounts: {
    account: string;
    channel: 'email' | 'sms' | 'push' | 'in_app';
    /** `not_used`: its breaker is open. `on_trial`: a few calls test it. `switched_off`: by its settings. */
    use: 'in_use' | 'on_trial' | 'not_used' | 'switched_off';
    breaker: 'closed' | 'open' | 'half_open';
    /** Who holds the breaker; null while it moves by itself. */
    held_by: string | null;
    reason: string | null;
    /** When the breaker changed last. */
    since: string;
    /** Calls that ended. */
    attempts: number;
    accepted: number;
    /** accepted / attempts; null without attempts. */
    success: number | null;
    /** Calls by outcome class. */
    outcomes: Record<string, number>;
    /** In milliseconds, at most 10 % off. null: there were none. */
    call_ms: {
      p50: number;
      p99: number;
    } | null;
  }[];
  lanes: {
    lane: 'email-critical' | 'sms-critical' | 'push-critical' | 'in_app-critical' | 'email-normal' | 'sms-normal' | 'push-normal' | 'in_app-normal' | 'email-bulk' | 'sms-bulk' | 'push-bulk' | 'in_app-bulk';
    /** Jobs in Redis; null while no worker has measured. */
    waiting: number | null;
    delayed: number | null;
    active: number | null;
    failed: number | null;
    /** How long the oldest waiting job has waited. */
    oldest_seconds: number | null;
    /** Rows that the relay has still to publish, 10,000 at most. */
    outbox_rows: number;
    /** How long the oldest of them has been due. */
    relay_lag_seconds: number;
  }[];
  backlog: {
    measured_at: string;
    dead: number;
    /** false: there are more; counting stops at 100,000. */
    dead_is_complete: boolean;
    in_doubt: {
      waits_for: 'evidence' | 'person';
      count: number;
      oldest_seconds: number;
    }[];
    events_pending: number;
  } | null;
  /** As the leader of the workers measured it; null while none has. */
  redis: {
    measured_at: string;
    used_bytes: number;
    /** null: no limit is set. */
    max_bytes: number | null;
  } | null;
  /** What the stuck-notification audit found at its last turn; all counts must be 0. */
  stuck: {
    audited_at: string;
    count: number;
    by_kind: Record<string, number>;
  } | null;
}

/** Each series has a value for each of `at`; null where nothing was measured, which is not 0. */
export interface OverviewHistory {
  measured_at: string;
  environment: 'live' | 'test';
  step_seconds: number;
  /** The beginning of each step, in seconds since 1970. */
  at: number[];
  /** Per second, by priority. */
  accepted: {
    critical?: (number | null)[] | undefined;
    normal?: (number | null)[] | undefined;
    bulk?: (number | null)[] | undefined;
  };
  /** Per second, by priority. */
  sent: {
    critical?: (number | null)[] | undefined;
    normal?: (number | null)[] | undefined;
    bulk?: (number | null)[] | undefined;
  };
  end_to_end_ms: {
    critical?: {
      p50: (number | null)[];
      p99: (number | null)[];
    } | undefined;
    normal?: {
      p50: (number | null)[];
      p99: (number | null)[];
    } | undefined;
    bulk?: {
      p50: (number | null)[];
      p99: (number | null)[];
    } | undefined;
  };
  /** By account: calls per second, and the share that was accepted. */
  attempts: Record<string, {
    attempts: (number | null)[];
    success: (number | null)[];
  }>;
  /** By lane, at their highest of the step. Lanes in which nothing waited are left out. */
  lanes: Record<string, {
    waiting: (number | null)[];
    oldest_seconds: (number | null)[];
  }>;
  /** Of the lane that is furthest behind. */
  relay_lag_seconds: (number | null)[];
  dead: (number | null)[];
  in_doubt: (number | null)[];
  redis_bytes: (number | null)[];
  stuck: (number | null)[];
}

export interface PatchAppRequest {
  /** No two apps have the same. */
  name?: string | undefined;
  /** IANA name, for times in templates of recipients that have no zone of their own; null is UTC. */
  time_zone?: string | null | undefined;
  /** How the pages look that your recipients see (unsubscribing, preferences). Replaced as a whole; null: the name of the app, no logo, our colours. */
  brand?: {
    /** The name for people; without it the name of the app. */
    name?: string | undefined;
    /** https. The browsers of your recipients load it from there. */
    logo_url?: string | undefined;
    /** Buttons and links, `#rrggbb`. Texts on it become black or white, and links lighter or darker, until they are readable. */
    color?: string | undefined;
  } | null | undefined;
  /** Origins of the web pages that may use tokens of its recipients (the inbox in a page); replaced as a whole. Works within some seconds. */
  allowed_origins?: string[] | undefined;
  /** Campaigns are sent only after another person than their authors has approved exactly them. */
  approves_campaigns?: boolean | undefined;
}

export interface PatchCampaignRequest {
  /** For people. */
  name?: string | undefined;
  /** The key of the template that everybody gets, unless there are variants. */
  template?: string | null | undefined;
  /** One channel. Give this or `route`. */
  channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
  /** Channels in fallback order. */
  route?: ('email' | 'sms' | 'push' | 'in_app')[] | undefined;
  /** What it is about. With e-mail in the route people must be able to opt out of it. */
  category?: string | null | undefined;
  /** `bulk` lets everything else pass. Campaigns are never critical. */
  priority?: 'normal' | 'bulk' | undefined;
  /** Whom it is for. Frozen when it starts: who joins later gets nothing, and nobody gets it twice. */
  audience?: {
    filter?: Filter | undefined;
    /** The key of a saved audience. */
    audience?: string | undefined;
    /** Exactly these; longer lists are saved audiences. */
    recipient_ids?: string[] | undefined;
  } | null | undefined;
  /** Template variables that everybody shares. */
  data?: Record<string, unknown> | undefined;
  /** Template variables from each recipient: `{ "name": "attributes.first_name" }`. Also `id`, `locale` and `time_zone`. */
  variables?: Record<string, string> | undefined;
  /** Which of its messages are announced to webhook endpoints: those that failed, or all. `campaign.*` events always are. */
  events?: 'problems' | 'all' | undefined;
  /** Messages a minute at most; may be changed while it runs. Null: as fast as possible. */
  throttle_per_minute?: number | null | undefined;
  /** What is not sent by then is not sent at all. */
  expires_at?: string | null | undefined;
  /** Texts to compare. Each recipient gets one, by a hash of campaign and recipient. */
  variants?: {
    /** Its name in counts. */
    key: string;
    template: string;
    /** Its share, relative to those of the others. */
    weight?: number | undefined;
  }[] | undefined;
  /** The share of the audience that gets nothing, for comparison. */
  holdout_percent?: number | undefined;
}

export interface PatchProviderAccountRequest {
  /** `test` keys must reach only the simulator: never give a real account that environment. */
  environments?: ('live' | 'test')[] | undefined;
  enabled?: boolean | undefined;
  /** Lower is tried first. */
  order?: number | undefined;
  /** Accounts of the same order share their traffic by weight. */
  weight?: number | undefined;
  /** Messages per second over all workers; null is no limit. */
  rate_per_second?: number | null | undefined;
  /** SMS: only numbers that begin so (`+234`); empty is all. */
  prefixes?: string[] | undefined;
}

export interface PatchStaffMemberRequest {
  /** How the person is called in the dashboard. */
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** One role in every app and both environments; in the place of `roles`. */
  role?: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor' | undefined;
  /** All roles of the person. */
  roles?: {
    role: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor';
    /** null: every app. */
    app_id?: string | null | undefined;
    /** null: both. */
    environment?: 'live' | 'test' | null | undefined;
  }[] | undefined;
}

export interface PatchWebhookEndpointRequest {
  /** https; private networks are refused unless the installation allows them. */
  url?: string | undefined;
  description?: string | null | undefined;
  /** Which events it hears; left out or empty is every event. */
  event_types?: ('notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.dead' | 'notification.in_doubt' | 'notification.bounced' | 'notification.complained' | 'notification.opened' | 'notification.clicked' | 'notification.seen' | 'notification.read' | 'notification.suppressed' | 'notification.expired' | 'campaign.completed' | 'campaign.paused' | 'campaign.failed' | 'provider.circuit_opened' | 'provider.circuit_closed' | 'webhook_endpoint.disabled')[] | undefined;
  /** true also forgives what failed before. */
  enabled?: boolean | undefined;
}

export interface Preferences {
  recipient_id: string;
  channels: {
    email: boolean;
    sms: boolean;
    push: boolean;
    in_app: boolean;
  };
  /** Those that were named; all others are as their defaults say. */
  categories: Record<string, CategoryWish>;
  quiet_hours: QuietHours;
  caps: Cap[];
  paused_until: string | null;
  /** Null: the person never said anything. */
  updated_at: string | null;
}

export interface PreferencesPageLink {
  url: string;
}

export interface Preview {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** The locale that was chosen. */
  locale: string;
  /** Null for a draft and for `content`. */
  version: number | null;
  content: {
    subject?: string | undefined;
    text?: string | undefined;
    html?: string | undefined;
    title?: string | undefined;
    body?: string | undefined;
    url?: string | undefined;
  };
  /** SMS only. */
  sms?: {
    encoding: 'gsm7' | 'ucs2';
    /** Septets or UTF-16 units. */
    units: number;
    /** Messages the network makes of it, each of them billed. */
    segments: number;
    /** Characters that force UCS-2: replacing them may halve the price. */
    outside_gsm7: string[];
    /** By `price_per_segment` of the SMS account that is tried first; null where none says its price. */
    cost_estimate: {
      account: string;
      amount: number;
      currency: string;
    } | null;
  } | undefined;
  /** E-mail with HTML only: its size as UTF-8. */
  html_bytes?: number | undefined;
  /** What people mostly do not want; it prevents nothing. */
  warnings: TemplateWarning[];
}

export interface PreviewRequest {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** Falls back as a send does: its language, `en`, any. */
  locale?: string | undefined;
  data?: Record<string, unknown> | undefined;
  /** IANA name: where the person is. Without it the zone of the recipient, of the app, else UTC. */
  time_zone?: string | undefined;
  /** Another version than the published one. */
  version?: number | undefined;
  /** The draft instead; the published texts if there is none. */
  draft?: boolean | undefined;
  /** A text that is not stored, in Liquid, instead of one of the template. */
  content?: {
    subject?: string | undefined;
    text?: string | undefined;
    html?: string | undefined;
    mjml?: string | undefined;
    layout?: string | undefined;
    title?: string | undefined;
    body?: string | undefined;
    url?: string | undefined;
  } | undefined;
  /** A layout or partial that is not stored, in the place of the stored one of its name: with `draft` or `content`, which have the parts of now. */
  part?: {
    kind: 'layout' | 'partial';
    /** Your own name of it, as templates write it: `base`, `footer`. Compared character by character. */
    key: string;
    /** Liquid, for e-mails in HTML. */
    html?: string | undefined;
    /** MJML with Liquid, for e-mails in MJML. */
    mjml?: string | undefined;
    /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
    text?: string | undefined;
    /** Texts of single locales; they take the place of those for all, by look-up (`de-AT`, then `de`). */
    locales?: Record<string, {
      /** Liquid, for e-mails in HTML. */
      html?: string | undefined;
      /** MJML with Liquid, for e-mails in MJML. */
      mjml?: string | undefined;
      /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
      text?: string | undefined;
    }> | undefined;
  } | undefined;
  /** As for this recipient: their locale and time zone, unless given. */
  recipient_id?: string | undefined;
  /** As in this category: with an unsubscribe link if people may opt out of it. */
  category?: string | undefined;
}

export interface Problem {
  /** Where this code is explained. */
  type: string;
  title: string;
  status: number;
  /** Branch on this; it never changes its meaning. */
  code: 'malformed_json' | 'malformed_request' | 'unauthenticated' | 'forbidden' | 'wrong_environment' | 'not_found' | 'method_not_allowed' | 'request_timeout' | 'idempotency_conflict' | 'conflict' | 'invalid_state' | 'stale_review' | 'too_large' | 'unsupported_media_type' | 'expectation_failed' | 'invalid_request' | 'unknown_template' | 'not_published' | 'missing_variables' | 'unknown_audience' | 'empty_audience' | 'unknown_recipient' | 'no_contact_point' | 'rate_limited' | 'headers_too_large' | 'internal' | 'unavailable';
  /** For people: what was wrong, the value, the bound, the remedy. */
  detail: string;
  /** The same as the X-Request-Id header; name it when you ask for help. */
  request_id: string;
  /** One entry per field. */
  errors?: {
    path: string;
    message: string;
  }[] | undefined;
  /** Of a `conflict`: what is there now, as its GET answers it; left out if nothing is. */
  current?: unknown | undefined;
  /** Of a campaign that is refused for its review: whom it would reach, as `of` of the review. */
  counts?: unknown | undefined;
}

export interface Provider {
  /** The `provider` of an account. */
  id: string;
  title: string;
  /** What its accounts can serve. Of several, an account names one in its field `channel`. */
  channels: ('email' | 'sms' | 'push' | 'in_app')[];
  /** What can be done when an answer is lost. A: asked again, nothing is sent twice. B: receipts or a look-up decide. C: a repetition replaces the first. D: nothing but your policy can decide. */
  guarantee: 'A' | 'B' | 'C' | 'D';
  fields: ProviderField[];
  /** Where it reports what became of messages, with `{account}` for the id of the account; null for one that reports nothing. */
  receipts_url: string | null;
}

export interface ProviderAccount {
  id: string;
  provider: string;
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** `test` keys must reach only the simulator: never give a real account that environment. */
  environments: ('live' | 'test')[];
  enabled: boolean;
  /** Lower is tried first. */
  order: number;
  /** Accounts of the same order share their traffic by weight. */
  weight: number;
  /** Messages per second over all workers; null is no limit. */
  rate_per_second: number | null;
  /** SMS: only numbers that begin so (`+234`); empty is all. */
  prefixes: string[];
  settings: Record<string, unknown>;
  /** Never the credentials themselves: the fingerprint tells whether two are the same. */
  credentials: {
    fingerprint: string;
    /** The key they are sealed with. */
    key_id: string;
  } | null;
  /** `file`: from PROVIDERS_FILE, which wins when a worker starts. */
  managed_by: 'file' | 'api';
  /** Give this address to the provider as its webhook. */
  receipts_url: string | null;
  created_at: string;
  updated_at: string;
}

export interface ProviderAccountHealth {
  /** `in_use`; `on_trial`: a few calls show whether it works again; `not_used`: nothing is sent through it. */
  use: 'in_use' | 'on_trial' | 'not_used';
  /** For people. */
  why: string;
  /** Null until a worker has used the account. */
  since: string | null;
  /** `key:<key id>` or `staff:<e-mail>` while a person holds it; see `openBreaker`. */
  held_by: string | null;
  /** When an account that failed is asked next. */
  probe_at: string | null;
  /** What `calls`, `success_ratio`, `latency_ms` and `outcomes` are about. */
  window_seconds: number;
  /** Calls that ended within the window. */
  calls: number;
  /** Of the last minute. */
  per_second: number;
  /** The part of `rate_per_second` that the last minute used, 1 for all of it; null without a limit. */
  limit_used: number | null;
  /** Of the calls that reached no limit, those that it answered as it should: an unknown mailbox is no fault of the account. Null without any. */
  success_ratio: number | null;
  /** Of the calls that were answered. */
  latency_ms: {
    p50: number;
    p95: number;
  } | null;
  outcomes: {
    accepted?: number | undefined;
    transient?: number | undefined;
    throttled?: number | undefined;
    quota?: number | undefined;
    in_doubt?: number | undefined;
    rejected?: number | undefined;
    bad_recipient?: number | undefined;
    misconfigured?: number | undefined;
  };
  /** The last call of the window that was not accepted. */
  last_error: {
    at: string;
    outcome: 'accepted' | 'transient' | 'throttled' | 'quota' | 'in_doubt' | 'rejected' | 'bad_recipient' | 'misconfigured';
    code: string | null;
    /** Without addresses: an account serves several apps. */
    text: string | null;
  } | null;
}

export interface ProviderAccountPage {
  data: ProviderAccountWithHealth[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface ProviderAccountVerdict {
  healthy: boolean;
  /** What is wrong, for people; null if nothing is. */
  why: string | null;
}

export type ProviderAccountWithHealth = ProviderAccount & {
  health: ProviderAccountHealth;
};

export interface ProviderField {
  /** As in the body of `putProviderAccount` and in its problems; a dot leads into an object. */
  name: string;
  label: string;
  /** `choices` and `texts` are lists. */
  type: 'text' | 'url' | 'integer' | 'number' | 'boolean' | 'choice' | 'choices' | 'texts';
  /** Whether every account must have it. */
  required: boolean;
  /** The object it is part of: `credentials`, `dkim`. */
  group: string | null;
  /** Whether it must be given where anything of its group is. False for what is part of no group. */
  required_in_group: boolean;
  /** Sealed at rest and never shown again. A group that a change leaves out stays as it is; one that it names is replaced as a whole. */
  secret: boolean;
  /** A text of several lines, such as a key in PEM. */
  multiline: boolean;
  help: string | null;
  minimum: number | null;
  maximum: number | null;
  min_length: number | null;
  max_length: number | null;
  /** A regular expression that each text must match. */
  pattern: string | null;
  /** What can be chosen. */
  options: string[] | null;
  /** What holds where it is left out, if that is always the same. */
  default: string | number | boolean | null;
}

export interface ProviderPage {
  data: Provider[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

/** Give `filter` or `recipient_ids`. With neither, an existing list keeps its members. */
export interface PutAudienceRequest {
  /** For people. Left out: the key. */
  name?: string | undefined;
  filter?: Filter | undefined;
  /** A list of exactly these, in place of who was in it. Ids without a recipient are left out and reported. Longer lists: POST .../members. */
  recipient_ids?: string[] | undefined;
}

export type PutAudienceResult = Audience & {
  /** What became of `recipient_ids`; null without them. */
  members: {
    added: number;
    removed: number;
    /** Ids that no recipient has: they were left out. */
    unknown: number;
    /** The first 100 of them. */
    unknown_ids: string[];
  } | null;
};

export interface PutCategoryRequest {
  /** What decides when it is unknown whether a message was sent and no evidence tells. `resolve` waits for evidence until a deadline; then critical ones are sent again, the others wait for a person. `at_least_once` sends again after the deadline. `at_most_once` never sends again what may have arrived. `ask` leaves it to a person. */
  delivery_policy: 'resolve' | 'at_least_once' | 'at_most_once' | 'ask';
  /** How long evidence is waited for. Left out or null: the default of the priority. */
  resolve_within_seconds?: number | null | undefined;
  /** Waits before the 2nd, 3rd ... try (+-20 %); there is one try more than waits. Left out or null: the schedule of the priority. */
  backoff_seconds?: number[] | null | undefined;
  /** People may opt out of it: its e-mails carry List-Unsubscribe headers, and it is on their preference page. */
  unsubscribable?: boolean | undefined;
  /** E-mail: a pixel tells of opens. */
  track_opens?: boolean | undefined;
  /** E-mail: rewritten links tell of clicks. */
  track_clicks?: boolean | undefined;
  /** For one-time passwords and the like: content, data and attachments of its messages are removed as soon as they are final (`sent`, `failed`, `dead` ...), within seconds. Such a message can no longer be retried. */
  secret?: boolean | undefined;
  /** What people read on their preference page, by locale: `{ "en": "Special offers" }`. Without one they see the name. */
  titles?: Record<string, string> | undefined;
  /** A sentence below the title, by locale. */
  descriptions?: Record<string, string> | undefined;
  /** Whether recipients who said nothing about it get it. `false`: they have to opt in. Messages to a bare address are sent in any case. */
  default?: boolean | undefined;
  /** Nobody can opt out of it: what a recipient says about it does not count. An opt-out of a channel does. */
  lock?: boolean | undefined;
}

export interface PutLayoutRequest {
  /** Liquid, for e-mails in HTML. */
  html?: string | undefined;
  /** MJML with Liquid, for e-mails in MJML. */
  mjml?: string | undefined;
  /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
  text?: string | undefined;
  /** Texts of single locales; they take the place of those for all, by look-up (`de-AT`, then `de`). */
  locales?: Record<string, {
    /** Liquid, for e-mails in HTML. */
    html?: string | undefined;
    /** MJML with Liquid, for e-mails in MJML. */
    mjml?: string | undefined;
    /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
    text?: string | undefined;
  }> | undefined;
}

export interface PutPartialRequest {
  /** Liquid, for e-mails in HTML. */
  html?: string | undefined;
  /** MJML with Liquid, for e-mails in MJML. */
  mjml?: string | undefined;
  /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
  text?: string | undefined;
  /** Texts of single locales; they take the place of those for all, by look-up (`de-AT`, then `de`). */
  locales?: Record<string, {
    /** Liquid, for e-mails in HTML. */
    html?: string | undefined;
    /** MJML with Liquid, for e-mails in MJML. */
    mjml?: string | undefined;
    /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
    text?: string | undefined;
  }> | undefined;
}

/** A field that is left out stays as it is; a value replaces it whole; null ends quiet hours, and a pause. */
export interface PutPreferencesRequest {
  /** Left out or true: wanted. */
  channels?: {
    email?: boolean | undefined;
    sms?: boolean | undefined;
    push?: boolean | undefined;
    in_app?: boolean | undefined;
  } | undefined;
  /** By category: on every channel, or by channel (`{ "sms": false }`); what is left out is as its channel and the default of the category say. Names in any case: `Marketing` is `marketing`. */
  categories?: Record<string, CategoryWish> | undefined;
  quiet_hours?: QuietHours | undefined;
  caps?: Cap[] | undefined;
  /** Until then nothing but critical messages is sent; what comes meanwhile waits for the end. At most 366 days ahead; a time that has passed pauses nothing. */
  paused_until?: string | null | undefined;
}

export interface PutProviderAccountRequest {
  /** `resend`, `sendgrid`, `postmark`, `ses`, `smtp`, `twilio`, `termii`, `fcm`, `apns`, `web-push`, `generic`, `inbox`. */
  provider: string;
  enabled?: boolean | undefined;
  /** Sealed at rest and never shown again. Left out, those that are there stay, unless the account now leads to another server or port, or SMTP no longer needs TLS: then give them again. */
  credentials?: Record<string, unknown> | undefined;
  /** What its receipts are checked against; two secrets while one rotates. */
  receipts?: {
    secrets?: string[] | undefined;
    topic_arn?: string | undefined;
  } | undefined;
  /** SMTP: signs what goes out. Sealed with the credentials and never shown again. */
  dkim?: {
    domain_name: string;
    key_selector: string;
    /** PEM of an RSA key. */
    private_key: string;
  } | undefined;
  [name: string]: unknown;
}

/** A field that is left out stays as it is; null removes it; a value replaces it. */
export interface PutRecipientRequest {
  email?: string | null | undefined;
  phone?: string | null | undefined;
  locale?: string | null | undefined;
  /** IANA name. */
  time_zone?: string | null | undefined;
  /** Anything you select audiences by. Replaced as a whole. */
  attributes?: Record<string, unknown> | undefined;
}

export interface PutTemplateDraftRequest {
  /** By channel, then by locale. Replaces all texts of the draft. */
  channels: {
    email?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      subject: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text?: string | undefined;
      /** Liquid; everything that comes from `data` is escaped. */
      html?: string | undefined;
      /** MJML instead of `html`, compiled when it is published. In a layout without `<mjml>` and `<mj-body>`. */
      mjml?: string | undefined;
      /** The key of a layout: the text stands where that prints `{{ content }}`, as the layout is when this is published. */
      layout?: string | undefined;
    }> | undefined;
    sms?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text: string;
    }> | undefined;
    push?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
    in_app?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
  };
  /** The published version that these texts take into account; 0 if none was. Left out: as before, or the published one. */
  based_on?: number | undefined;
}

export interface PutTemplateRequest {
  /** By channel, then by locale. Replaces all texts of the version before. */
  channels: {
    email?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      subject: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text?: string | undefined;
      /** Liquid; everything that comes from `data` is escaped. */
      html?: string | undefined;
      /** MJML instead of `html`, compiled when it is published. In a layout without `<mjml>` and `<mj-body>`. */
      mjml?: string | undefined;
      /** The key of a layout: the text stands where that prints `{{ content }}`, as the layout is when this is published. */
      layout?: string | undefined;
    }> | undefined;
    sms?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text: string;
    }> | undefined;
    push?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
    in_app?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
  };
}

/** Nothing but critical messages is sent in these hours; what comes in them waits for their end. */
export type QuietHours = {
  start: string;
  /** Before `start`: on the next day. */
  end: string;
  /** IANA name: where the person lives. */
  time_zone: string;
} | null;

export interface Readiness {
  status: 'ready' | 'not_ready';
  /** read_only: it answers but takes no writes (a failover, a full disk). */
  postgres: 'ok' | 'read_only' | 'down';
  /** Reported only: accepts go on without Redis. `read_only`: it answers and refuses writes, as a replica does. */
  redis: 'ok' | 'down' | 'read_only' | 'not_configured';
  /** The server that lists are read from. Reported only: unless it is `in_use`, the primary is read. `unfit`: it is no replica of this database. */
  replica: 'in_use' | 'lagging' | 'unfit' | 'down' | 'not_configured';
  draining: boolean;
  /** Migrations that this release needs and the database lacks, oldest first; run `node db/migrate.ts`. */
  missing_migrations: string[];
  /** What is wrong with PostgreSQL, its replica or Redis. */
  problems: {
    part: 'postgres' | 'migrations' | 'replica' | 'redis' | 'accounts';
    /** A SQLSTATE, a code of Node, the first word of Redis, or a name of ours. */
    code: string;
    /** What is wrong, and the remedy. The log says with which host. */
    message: string;
  }[];
}

export interface Recipient {
  recipient_id: string;
  email: string | null;
  phone: string | null;
  locale: string | null;
  time_zone: string | null;
  attributes: Record<string, unknown>;
  contact_points: ContactPoint[];
  created_at: string;
  updated_at: string;
}

export interface RecipientAttributes {
  data: {
    /** As filters name it. */
    field: string;
    types: ('string' | 'number' | 'boolean' | 'array')[];
    values: (string | number | boolean)[];
  }[];
}

export interface RecipientBatchRequest {
  recipients: BatchRecipient[];
}

export type RecipientBatchResult = {
  index: number;
  /** The HTTP status of this item: 201 created, 200 changed or already so. */
  status: number;
  id: string;
  became: 'created' | 'updated' | 'unchanged';
} | {
  index: number;
  status: number;
  error: Problem;
};

export interface RecipientExport {
  recipient: Recipient;
  preferences: Preferences;
  suppressions: ContactPointSuppression[];
  /** Whether texts are in it: with the scope `content:read` only. Without it `title`, `body`, `url`, `data` and `content` are null. */
  content_included: boolean;
  /** The newest 10,000. */
  inbox: {
    notification_id: string;
    title: string | null;
    body: string | null;
    url: string | null;
    created_at: string;
    seen_at: string | null;
    read_at: string | null;
    archived_at: string | null;
  }[];
  /** Newest first: those that name the recipient, and those to their addresses that name nobody. 1,000 a page. */
  notifications: HeldNotification[];
  /** For the older notifications; null on the last page. */
  next_cursor: string | null;
}

export interface RecipientPage {
  data: Recipient[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface RecipientToken {
  token: string;
  expires_at: string;
}

export type RecipientWithReachability = Recipient & {
  /** Whether an ordinary message would be sent by the channel now, or what stands in the way first. Categories, quiet hours and caps depend on the message: `explainNotification` judges those. */
  reachability: {
    email: 'reachable' | 'opted_out' | 'suppressed' | 'disabled' | 'no_contact_point';
    sms: 'reachable' | 'opted_out' | 'suppressed' | 'disabled' | 'no_contact_point';
    push: 'reachable' | 'opted_out' | 'suppressed' | 'disabled' | 'no_contact_point';
    in_app: 'reachable' | 'opted_out' | 'suppressed' | 'disabled' | 'no_contact_point';
  };
  /** The recipient has paused all messages: until then only critical ones are sent. */
  paused_until: string | null;
  /** Of their addresses, and of their inbox. */
  suppressions: ContactPointSuppression[];
};

export interface ReleaseBreakerRequest {
  /** For people: why. Kept in the audit log. */
  reason?: string | undefined;
}

export interface Replay {
  events: number;
}

export interface ReplayRequest {
  from: string;
  /** Exclusive; now unless said. */
  to?: string | undefined;
  event_types?: ('notification.sent' | 'notification.delivered' | 'notification.failed' | 'notification.dead' | 'notification.in_doubt' | 'notification.bounced' | 'notification.complained' | 'notification.opened' | 'notification.clicked' | 'notification.seen' | 'notification.read' | 'notification.suppressed' | 'notification.expired' | 'campaign.completed' | 'campaign.paused' | 'campaign.failed' | 'provider.circuit_opened' | 'provider.circuit_closed' | 'webhook_endpoint.disabled')[] | undefined;
}

export interface RescheduleRequest {
  /** When to send. A time in the past means now. An expiry that was given as `ttl_seconds` moves along; an `expires_at` stays. */
  send_at: string;
}

export interface ResetStaffPasswordRequest {
  /** Whether the second factor goes too, after a lost device. */
  second_factor?: boolean | undefined;
}

export interface RetryRequest {
  /** What is in doubt, or ended with its last call in doubt, may have arrived; true says that it may arrive twice. */
  accept_duplicate_risk?: boolean | undefined;
}

export interface Role {
  name: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor';
  description: string;
  /** What it may do; the same scopes as those of API keys. */
  scopes: ('notifications:write' | 'notifications:read' | 'content:read' | 'recipients:read' | 'recipients:*' | 'recipients:import' | 'templates:*' | 'campaigns:read' | 'campaigns:*' | 'webhooks:*' | 'suppressions:*' | 'notifications:work' | 'doubts:settle' | 'addresses:read' | 'templates:read' | 'suppressions:read' | 'categories:read' | 'categories:*' | 'audiences:read' | 'audiences:*' | 'webhooks:read' | 'providers:read' | 'providers:hold' | 'providers:*' | 'overview:read' | 'sandbox:read' | 'requests:read' | 'keys:*' | 'audit:read' | 'queues:work' | 'queues:administer' | 'staff:*' | 'admin' | 'installation')[];
}

export interface RolePage {
  data: Role[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface RollBackTemplateRequest {
  version: number;
}

export interface RotateApiKeyRequest {
  /** How long the old key works on, but never longer than it would have. 0 revokes it: after a leak. */
  overlap_seconds?: number | undefined;
  /** Of the new key. Left out: it lives as long as the old one was made to; null: until it is revoked. */
  expires_at?: string | null | undefined;
}

export interface RotateWebhookSecretRequest {
  /** How long signatures are made with the present secret too. 0 ends it and every earlier one at once: after a leak. */
  overlap_seconds?: number | undefined;
}

export interface SandboxMessage {
  notification_id: string;
  /** Of the notification now. */
  status: 'scheduled' | 'pending' | 'queued' | 'sending' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired';
  recipient_id: string | null;
  template: string | null;
  /** When the provider was called. */
  at: string;
  /** The address of the request, else the one that the recipient has now; of a device only its end. */
  to: string | null;
  /** What the simulator answered, if it did not accept it. */
  error: {
    code: string;
    message: string | null;
  } | null;
  /** Why there is nothing to read; there is no content then. */
  unavailable: {
    reason: 'secret' | 'erased';
    detail: string;
  } | null;
  content: ChannelContent;
}

export interface SandboxPage {
  data: SandboxMessage[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface ScheduleCampaignRequest {
  /** When to send, RFC 3339; at most a year ahead. Left out: now. With `in_recipient_time_zone` a date and time without a zone: `2030-12-24T09:00:00`. */
  send_at?: string | undefined;
  /** At this time on each recipient’s clock; recipients without a time zone have that of the app. */
  in_recipient_time_zone?: boolean | undefined;
  /** For recipients whose local time has passed when it starts: now, on the next day, or not at all. */
  late?: 'now' | 'next_day' | 'skip' | undefined;
  /** The `id` of the review that was looked at: another one is refused (`stale_review`). */
  review_id?: string | undefined;
}

export interface SearchHit {
  kind: 'notification' | 'recipient' | 'address' | 'suppression' | 'template';
  /** Of a notification or recipient; the key of a template; an address in its canonical form. */
  id: string;
  matched: 'id' | 'attempt_id' | 'idempotency_key' | 'provider_message_id' | 'address' | 'recipient_id' | 'recipient_id_prefix' | 'recipient_address' | 'written_address' | 'suppressed_address' | 'template_key' | 'template_key_prefix';
  /** `matched` in words. */
  because: string;
  notification?: Notification & unknown | undefined;
  /** Of the kind `suppression`. */
  suppression?: {
    channel: string;
    reason: string;
    detail: string | null;
    created_at: string;
  } | undefined;
  /** Query of `GET /v1/notifications` for everything that belongs to it. */
  filter?: Record<string, string> | undefined;
}

export interface SearchResults {
  data: SearchHit[];
  /** There is more than this shows: use `filter` of a hit with the list of notifications. */
  more: boolean;
}

export interface SendRequest {
  /** A recipient, or an address, or both: then the address wins. */
  to: {
    /** Your id of a recipient you have PUT before. */
    recipient_id?: string | undefined;
    email?: string | undefined;
    phone?: string | undefined;
    /** Exactly one of the three. */
    push?: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    } | undefined;
  };
  /** One channel. Give this or `route`. */
  channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
  /** Channels in fallback order. `in_app` needs `to.recipient_id`. */
  route?: ('email' | 'sms' | 'push' | 'in_app')[] | undefined;
  /** Key of a template. Its published version is pinned now. */
  template?: string | undefined;
  /** For the template; else the recipient’s, its language, `en`, any. */
  locale?: string | undefined;
  /** Template variables. */
  data?: Record<string, unknown> | undefined;
  /** Inline content instead of a template. It must suit every channel of the route. */
  content?: {
    /** Email. */
    subject?: string | undefined;
    /** Email and SMS. */
    text?: string | undefined;
    /** Email. */
    html?: string | undefined;
    /** Push and in-app. */
    title?: string | undefined;
    /** Push and in-app. */
    body?: string | undefined;
    /** Push and in-app: what a tap opens. */
    url?: string | undefined;
  } | undefined;
  priority?: 'critical' | 'normal' | 'bulk' | undefined;
  /** What it is about: the unit of opt-in and delivery policy. */
  category?: string | undefined;
  /** Or the Idempotency-Key header. 1 to 255 visible ASCII characters. Remembered for as long as the notification is kept. */
  idempotency_key?: string | undefined;
  /** Makes the idempotency key from recipient, template and event, if none is given. */
  event_id?: string | undefined;
  /** When to send: to the second; critical ones to the moment. A time in the past means now. */
  send_at?: string | undefined;
  /** Never send after this. Give this or `ttl_seconds`. */
  expires_at?: string | undefined;
  /** Seconds from `send_at` (or now) to expiry. */
  ttl_seconds?: number | undefined;
  /** Notifications with the same key go out one after the other, in the order of acceptance, over all channels and priorities: each waits until the one before is sent or has ended otherwise. One with a `send_at` takes its place when it comes due. 1 to 255 characters. */
  ordering_key?: string | undefined;
  /** Reserved. Refused with 422 until digests are available. */
  digest?: unknown | undefined;
  /** At most 20 pairs of strings, returned as they are. */
  metadata?: Record<string, string> | undefined;
  /** Sender: an e-mail address (or `Name <address>`), or an SMS sender id. */
  from?: string | undefined;
  /** E-mail address for answers. */
  reply_to?: string | undefined;
  /** Email: at most 10 files, those by content at most 700 KiB together. */
  attachments?: {
    /** As the recipient sees it, without a path. */
    filename: string;
    /** Required with `content`; with `url`, what its server says unless given. */
    content_type?: string | undefined;
    /** The file in base64: with padding, without line breaks. */
    content?: string | undefined;
    /** https. Fetched once, when the message is sent: at most 10 MiB, 20 MiB with all others, no redirects, no private networks. */
    url?: string | undefined;
  }[] | undefined;
  /** Push only: what it is beside its text. Push notifications are always visible ones. */
  push?: {
    /** Name of a sound in the app; `default` unless given, null for a silent push. */
    sound?: string | null | undefined;
    /** The number on the icon of the app; 0 takes it away. */
    badge?: number | undefined;
    /** For the app that receives it: at most 20 strings. Title, body, url and data share some 4 KB. */
    data?: Record<string, string> | undefined;
  } | undefined;
}

export interface SnoozeRequest {
  /** In the future, at most 366 days ahead; null ends the snooze now. */
  until: string | null;
}

export interface StaffMember {
  id: string;
  email: string;
  name: string;
  roles: StaffRole[];
  enabled: boolean;
  /** Whether the person has chosen a password, or logs in by an OpenID provider. */
  has_login: boolean;
  two_factor: boolean;
  created_at: string;
  disabled_at: string | null;
  /** null without a live session. */
  last_seen_at: string | null;
}

export interface StaffMemberPage {
  data: StaffMember[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type StaffMemberWithLink = StaffMember & {
  /** Leads to the page on which the person chooses a password. It works once. */
  link: {
    /** The link, shown this once; null where it was sent. Without DASHBOARD_URL it begins with a slash. */
    url: string | null;
    /** Whether it was sent to the person by e-mail. */
    sent: boolean;
    expires_at: string;
  };
};

export interface StaffRole {
  role: 'owner' | 'admin' | 'support' | 'marketer' | 'developer' | 'viewer' | 'auditor';
  /** null: every app. */
  app_id: string | null;
  /** null: both. */
  environment: 'live' | 'test' | null;
}

export interface StaffSession {
  id: string;
  /** Whether it is the session of this request. */
  current: boolean;
  created_at: string;
  last_seen_at: string;
  expires_at: string;
  ip_address: string | null;
  user_agent: string | null;
}

export interface StaffSessionPage {
  data: StaffSession[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface SuppressedAddress {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** E-mail address (in any case), phone number in E.164, device token or Web Push endpoint; for in_app the recipient id. */
  address: string;
  /** For people: who asked for it. Kept in the audit log. */
  reason?: string | undefined;
}

export interface Suppression {
  channel: 'email' | 'sms' | 'push' | 'in_app';
  /** SHA-256 over app, channel and address, in hex: addresses themselves are not kept. */
  address_hash: string;
  reason: 'bounce' | 'complaint' | 'stop' | 'unsubscribe' | 'manual' | 'erased';
  detail: string | null;
  /** `provider`: a receipt or an answer; `recipient`: the link in a message; else `key:<key id>` or `staff:<e-mail>`. Null where an earlier release added it. */
  added_by: string | null;
  cause: SuppressionCause;
  created_at: string;
}

/** Where a provider's word caused it, and that is recorded. */
export type SuppressionCause = {
  /** The provider account that said so. */
  provider: string;
  /** The message that it was about. */
  notification_id: string | null;
} | null;

export interface SuppressionEvidence {
  /** `kept`: below. `purged`: retention has removed it. `unrecorded`: it was added by a release that did not record the cause, and nothing that is kept leads to it. `none`: no provider said anything; a person or the recipient added it. */
  state: 'kept' | 'purged' | 'unrecorded' | 'none';
  /** A report that came later, or the answer to a call. */
  source: 'receipt' | 'answer' | null;
  /** The provider account. */
  provider: string | null;
  at: string | null;
  /** The provider's code, unchanged. */
  code: string | null;
  /** The provider's text, unchanged. */
  text: string | null;
  notification_id: string | null;
  attempt_id: string | null;
  /** The whole receipt as it is stored, without the address. */
  receipt: Record<string, unknown> | null;
}

export interface SuppressionPage {
  data: Suppression[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type SuppressionWithEvidence = Suppression & {
  evidence: SuppressionEvidence;
};

export interface Template {
  key: string;
  version: number;
  /** The version that new notifications get. */
  published_version: number;
  channels: {
    email?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      subject: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text?: string | undefined;
      /** Liquid; everything that comes from `data` is escaped. */
      html?: string | undefined;
      /** MJML instead of `html`, compiled when it is published. In a layout without `<mjml>` and `<mj-body>`. */
      mjml?: string | undefined;
      /** The key of a layout: the text stands where that prints `{{ content }}`, as the layout is when this is published. */
      layout?: string | undefined;
    }> | undefined;
    sms?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text: string;
    }> | undefined;
    push?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
    in_app?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
  };
  /** What `data` must bring, over all channels and locales: dotted paths. */
  required_variables: string[];
  /** The layouts and partials in this version, as they were when it was published. */
  parts: UsedPart[];
  /** Of what was just published: what people mostly do not want. It prevents nothing. */
  warnings?: TemplateWarning[] | undefined;
  created_at: string;
  updated_at: string;
}

export interface TemplateDiff {
  key: string;
  /** A version, or the draft. */
  from: number | 'draft';
  to: number | 'draft';
  changes: {
    channel: 'email' | 'sms' | 'push' | 'in_app';
    locale: string;
    field: 'subject' | 'title' | 'text' | 'html' | 'mjml' | 'layout' | 'body' | 'url';
    change: 'added' | 'removed' | 'changed';
    before: string | null;
    after: string | null;
  }[];
}

export interface TemplateDraft {
  key: string;
  /** False: there is no draft, and these are the published texts. */
  saved: boolean;
  /** The version that was published when it was begun. If it is less than `published_version` somebody published meanwhile. */
  based_on: number;
  /** 0 if none is. */
  published_version: number;
  channels: {
    email?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      subject: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text?: string | undefined;
      /** Liquid; everything that comes from `data` is escaped. */
      html?: string | undefined;
      /** MJML instead of `html`, compiled when it is published. In a layout without `<mjml>` and `<mj-body>`. */
      mjml?: string | undefined;
      /** The key of a layout: the text stands where that prints `{{ content }}`, as the layout is when this is published. */
      layout?: string | undefined;
    }> | undefined;
    sms?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      text: string;
    }> | undefined;
    push?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
    in_app?: Record<string, {
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      title: string;
      /** Liquid: `{{ name }}`, `{% if vip %}...{% endif %}`. */
      body: string;
      /** What a tap opens. */
      url?: string | undefined;
    }> | undefined;
  };
  updated_at: string | null;
  /** `key:<key id>` or `staff:<e-mail>`. */
  updated_by: string | null;
  /** Of the texts without a mistake. */
  required_variables: string[];
  /** Mistakes: with one of these it cannot be published. */
  problems: TemplateProblem[];
  /** What people mostly do not want; it prevents nothing. */
  warnings: TemplateWarning[];
}

export interface TemplatePage {
  data: ListedTemplate[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface TemplatePart {
  key: string;
  /** Counts its changes, from 1. */
  version: number;
  html?: string | undefined;
  mjml?: string | undefined;
  text?: string | undefined;
  locales?: Record<string, {
    /** Liquid, for e-mails in HTML. */
    html?: string | undefined;
    /** MJML with Liquid, for e-mails in MJML. */
    mjml?: string | undefined;
    /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
    text?: string | undefined;
  }> | undefined;
  created_at: string;
  updated_at: string;
  /** `key:<key id>` or `staff:<e-mail>`. */
  updated_by: string;
  /** While anything is here it cannot be deleted. */
  used_by: {
    /** Templates whose published version has it. */
    templates: {
      key: string;
      /** The published one. */
      version: number;
      /** False: it has an earlier text. It is sent so until the template is published again. */
      current: boolean;
    }[];
    /** Templates with a draft that names it. */
    drafts: string[];
    /** Layouts that render it. */
    layouts: string[];
    /** Partials that render it. */
    partials: string[];
  };
}

export interface TemplatePartPage {
  data: TemplatePart[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface TemplatePartVersion {
  version: number;
  created_at: string;
  /** `key:<key id>` or `staff:<e-mail>`. */
  created_by: string;
}

export interface TemplatePartVersionPage {
  data: TemplatePartVersion[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface TemplatePartVersionTexts {
  version: number;
  created_at: string;
  /** `key:<key id>` or `staff:<e-mail>`. */
  created_by: string;
  html?: string | undefined;
  mjml?: string | undefined;
  text?: string | undefined;
  locales?: Record<string, {
    /** Liquid, for e-mails in HTML. */
    html?: string | undefined;
    /** MJML with Liquid, for e-mails in MJML. */
    mjml?: string | undefined;
    /** Liquid, for plain texts; of a partial also for subjects and the other channels. */
    text?: string | undefined;
  }> | undefined;
}

export interface TemplateProblem {
  /** The field: `channels.email.en.subject`. */
  path: string;
  message: string;
  /** From 1. */
  line: number;
  column: number;
}

export interface TemplateVersion {
  version: number;
  /** New notifications get this one. */
  published: boolean;
  /** The locales of each channel. */
  channels: {
    email?: string[] | undefined;
    sms?: string[] | undefined;
    push?: string[] | undefined;
    in_app?: string[] | undefined;
  };
  created_at: string;
  /** `key:<key id>` or `staff:<e-mail>`. */
  created_by: string;
  /** The version that a rollback brought back with this one. */
  restored_from: number | null;
}

export interface TemplateVersionPage {
  data: TemplateVersion[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export interface TemplateWarning {
  code: 'clipped' | 'image_without_alt' | 'no_plain_text' | 'long_subject' | 'link_to_nowhere' | 'differs_by_locale' | 'unknown_variable' | 'no_unsubscribe_link' | 'relative_link' | 'insecure_link' | 'bad_link' | 'spam_subject' | 'low_contrast' | 'new_variable';
  /** The field: `channels.email.en.html`. */
  path: string;
  message: string;
  /** From 1; null if it concerns the whole field. */
  line: number | null;
  column: number | null;
}

export interface TestCampaignRequest {
  /** Who gets it: recipients or addresses, as `to` of a send. */
  recipients: {
    /** Your id of a recipient you have PUT before. */
    recipient_id?: string | undefined;
    email?: string | undefined;
    phone?: string | undefined;
    /** Exactly one of the three. */
    push?: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    } | undefined;
  }[];
  /** The key of a variant; else the first one. */
  variant?: string | undefined;
  /** Without it the one of the recipient, else `en`, else any. */
  locale?: string | undefined;
  /** Template variables, for addresses without a recipient; these count first. */
  data?: Record<string, unknown> | undefined;
}

export interface TestProviderAccountRequest {
  /** A recipient, or an address, or both: then the address wins. */
  to: {
    /** Your id of a recipient you have PUT before. */
    recipient_id?: string | undefined;
    email?: string | undefined;
    phone?: string | undefined;
    /** Exactly one of the three. */
    push?: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    } | undefined;
  };
}

export interface TestTemplateRequest {
  /** Who gets it: recipients or addresses, as `to` of a send. */
  recipients: {
    /** Your id of a recipient you have PUT before. */
    recipient_id?: string | undefined;
    email?: string | undefined;
    phone?: string | undefined;
    /** Exactly one of the three. */
    push?: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    } | undefined;
  }[];
  /** Without it the first channel of the template that reaches the recipient. */
  channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
  /** Without it the one of the recipient, else `en`, else any. */
  locale?: string | undefined;
  /** Template variables. */
  data?: Record<string, unknown> | undefined;
  /** Another version than the published one. */
  version?: number | undefined;
  /** The draft instead; the published texts if there is none. */
  draft?: boolean | undefined;
}

export interface TimelineEntry {
  at: string;
  status: 'scheduled' | 'pending' | 'queued' | 'sending' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired';
  /** A service (`deliver`, `relay` ...), `key:<key id>` or `staff:<e-mail>`. */
  actor: string;
  reason: string;
  detail?: Record<string, unknown> | undefined;
}

export interface UsedPart {
  kind: 'layout' | 'partial';
  key: string;
  version: number;
}

export interface WebhookEndpoint {
  id: string;
  url: string;
  description: string | null;
  event_types: string[];
  enabled: boolean;
  disabled_at: string | null;
  disabled_reason: string | null;
  /** The first failure since the last success; five days of them disable it. */
  failing_since: string | null;
  /** Until when signatures are made with an earlier secret too; of several, the last one. */
  previous_secret_until: string | null;
  created_at: string;
  updated_at: string;
}

export interface WebhookEndpointPage {
  data: WebhookEndpoint[];
  /** For the next page; null on the last one. */
  next_cursor: string | null;
}

export type WebhookEndpointWithSecret = WebhookEndpoint & {
  /** `whsec_...`: the signing secret. Shown this once. */
  secret: string;
};

/** What each operation takes and gives. `path` and `query` are its parameters, `answer` is the body of a 2xx. */
export interface Operations {
  /** List the messages of an inbox. */
  listInbox: {
    query?: {
      /** Without it: everything that is neither archived nor snoozed; `unread`, `unseen` and `read` are parts of that. */
      status?: 'unread' | 'unseen' | 'read' | 'archived' | 'snoozed' | undefined;
      category?: string | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: InboxPage;
  };
  /** Follow an inbox. */
  streamInbox: {
    query?: {
      /** The number of the last change that the client knows. Without it the stream begins at the present. */
      after?: number | undefined;
      /** The token of the recipient, for EventSource, which cannot set headers. Never logged. */
      token?: string | undefined;
      /** The same, by RFC 6750. */
      access_token?: string | undefined;
    } | undefined;
    answer: string;
  };
  /** Mark everything in the inbox as read. */
  markInboxRead: {
    query?: {
      /** Only messages of this category. */
      category?: string | undefined;
      /** Leaves out what arrived after this number: what the person has not been shown. The `sequence` of the list. */
      up_to?: number | undefined;
    } | undefined;
    answer: InboxMarked;
  };
  /** Mark everything in the inbox as seen. */
  markInboxSeen: {
    query?: {
      /** Only messages of this category. */
      category?: string | undefined;
      /** Leaves out what arrived after this number: what the person has not been shown. The `sequence` of the list. */
      up_to?: number | undefined;
    } | undefined;
    answer: InboxMarked;
  };
  /** Note that a message was on the screen. */
  markInboxMessageSeen: {
    path: { id: string };
    answer: InboxMessage;
  };
  /** Mark a message as read. */
  markInboxMessageRead: {
    path: { id: string };
    answer: InboxMessage;
  };
  /** Mark a message as unread again. */
  markInboxMessageUnread: {
    path: { id: string };
    answer: InboxMessage;
  };
  /** Archive a message. */
  archiveInboxMessage: {
    path: { id: string };
    answer: InboxMessage;
  };
  /** Take a message out of the archive. */
  unarchiveInboxMessage: {
    path: { id: string };
    answer: InboxMessage;
  };
  /** Hide a message until a time. */
  snoozeInboxMessage: {
    path: { id: string };
    body: SnoozeRequest;
    answer: InboxMessage;
  };
  /** What I want to get. */
  getMyPreferences: {
    query?: {
      /** For titles and descriptions; else the language of the recipient. */
      locale?: string | undefined;
    } | undefined;
    answer: MyPreferences;
  };
  /** Change what I want to get. */
  putMyPreferences: {
    query?: {
      /** For titles and descriptions; else the language of the recipient. */
      locale?: string | undefined;
    } | undefined;
    body: PutPreferencesRequest;
    answer: MyPreferences;
  };
  /** Send a notification. */
  sendNotification: {
    body: SendRequest;
    answer: Accepted;
  };
  /** List notifications, newest first. */
  listNotifications: {
    query?: {
      recipient_id?: string | undefined;
      /** E-mail address, phone number, device token or Web Push endpoint, in any spelling (encode a plus sign as %2B). Finds what was sent to it, and everything sent to recipients who have it now. Recipients that were erased are not found by it. */
      address?: string | undefined;
      /** One, or any of several: `dead,failed`. */
      status?: string | undefined;
      /** The channel that is tried now, or was last; one, or any of several. */
      channel?: string | undefined;
      /** One, or any of several. */
      priority?: string | undefined;
      category?: string | undefined;
      campaign_id?: string | undefined;
      /** The key of its template. */
      template?: string | undefined;
      /** The provider account of its last attempt, as in the field of that name. */
      provider?: string | undefined;
      /** The error code of its last attempt, or of the report that failed it: `error.code`. */
      error?: string | undefined;
      /** The provider's id of any of its attempts. */
      provider_message_id?: string | undefined;
      idempotency_key?: string | undefined;
      /** At this time or later. */
      created_after?: string | undefined;
      /** Before this time. */
      created_before?: string | undefined;
      /** Only what is scheduled, to be sent at this time or later. The time of sending is `next_attempt_at`: `send_at`, or the end of the quiet hours that hold it. */
      send_at_after?: string | undefined;
      /** Only what is scheduled, to be sent before this time. */
      send_at_before?: string | undefined;
      /** `created_at`: newest first, unless said otherwise. `send_at`: next to be sent first, only with `status=scheduled`. */
      sort?: 'created_at' | 'send_at' | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: NotificationPage;
  };
  /** Send up to 1000 notifications. */
  sendNotificationBatch: {
    body: BatchRequest;
    answer: {
      results: BatchResult[];
    };
  };
  /** Explain what a send would do. */
  explainNotification: {
    body: SendRequest;
    answer: Explanation;
  };
  /** Download the list of notifications as CSV. */
  exportNotifications: {
    query?: {
      recipient_id?: string | undefined;
      /** E-mail address, phone number, device token or Web Push endpoint, in any spelling (encode a plus sign as %2B). Finds what was sent to it, and everything sent to recipients who have it now. Recipients that were erased are not found by it. */
      address?: string | undefined;
      /** One, or any of several: `dead,failed`. */
      status?: string | undefined;
      /** The channel that is tried now, or was last; one, or any of several. */
      channel?: string | undefined;
      /** One, or any of several. */
      priority?: string | undefined;
      category?: string | undefined;
      campaign_id?: string | undefined;
      /** The key of its template. */
      template?: string | undefined;
      /** The provider account of its last attempt, as in the field of that name. */
      provider?: string | undefined;
      /** The error code of its last attempt, or of the report that failed it: `error.code`. */
      error?: string | undefined;
      /** The provider's id of any of its attempts. */
      provider_message_id?: string | undefined;
      idempotency_key?: string | undefined;
      /** At this time or later. */
      created_after?: string | undefined;
      /** Before this time. */
      created_before?: string | undefined;
      /** Only what is scheduled, to be sent at this time or later. The time of sending is `next_attempt_at`: `send_at`, or the end of the quiet hours that hold it. */
      send_at_after?: string | undefined;
      /** Only what is scheduled, to be sent before this time. */
      send_at_before?: string | undefined;
      /** `created_at`: newest first, unless said otherwise. `send_at`: next to be sent first, only with `status=scheduled`. */
      sort?: 'created_at' | 'send_at' | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: string;
  };
  /** Look up a notification. */
  getNotification: {
    path: { id: string };
    answer: NotificationWithTimeline;
  };
  /** Read what was sent. */
  getNotificationContent: {
    path: { id: string };
    answer: NotificationContent;
  };
  /** Find whatever a text names. */
  search: {
    query: {
      /** Encode a plus sign as %2B. */
      q: string;
    };
    answer: SearchResults;
  };
  /** Read what test keys sent. */
  listSandbox: {
    query?: {
      channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
      /** E-mail address or phone number, in any spelling, or a device token. */
      to?: string | undefined;
      /** Appears in subject, text, HTML, title or body; in any case. */
      q?: string | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: SandboxPage;
  };
  /** Cancel a notification that is not being sent yet. */
  cancelNotification: {
    path: { id: string };
    answer: MovedNotification;
  };
  /** Give a notification that is not being sent yet another time. */
  rescheduleNotification: {
    path: { id: string };
    body: RescheduleRequest;
    answer: MovedNotification;
  };
  /** Send a dead, failed or in-doubt notification again. */
  retryNotification: {
    path: { id: string };
    body?: RetryRequest | undefined;
    answer: MovedNotification;
  };
  /** Settle a doubt: the provider has it. */
  markNotificationSent: {
    path: { id: string };
    body?: MarkSentRequest | undefined;
    answer: MovedNotification;
  };
  /** Retry, cancel or reschedule everything that matches a filter. */
  startBulkAction: {
    body: BulkRequest;
    answer: BulkAction;
  };
  /** List bulk actions, newest first. */
  listBulkActions: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: BulkActionPage;
  };
  /** How far a bulk action is. */
  getBulkAction: {
    path: { id: string };
    answer: BulkAction;
  };
  /** Stop a bulk action. */
  stopBulkAction: {
    path: { id: string };
    answer: BulkAction;
  };
  /** Create or change any number of recipients from a file. */
  importRecipients: {
    query?: {
      /** `upsert` (the default): what a row does not give stays. `replace`: it is removed; devices, preferences and suppressions stay. */
      mode?: 'upsert' | 'replace' | undefined;
      /** `true`: rows are checked and counted, and nothing is stored but the errors. */
      dry_run?: 'true' | 'false' | undefined;
      /** `true`: `preferences.<category>` true counts also after an opt-out, and the addresses of the file are enabled and their suppressions lifted. Needs the scope `suppressions:*`. */
      resubscribe?: 'true' | 'false' | undefined;
      /** The line of the file that the body begins with; `next_line` of the import says it. */
      from_line?: number | undefined;
      /** The field that a CSV column with another name is: `map.E-Mail=email`. Empty leaves the column out. */
      'map.<column>'?: string | undefined;
    } | undefined;
    body: string;
    answer: ImportResult;
  };
  /** How far an import is. */
  getImport: {
    path: { id: string };
    answer: ImportResult;
  };
  /** List imports, newest first. */
  listImports: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: ImportPage;
  };
  /** List the errors of an import, or export them as a file. */
  exportImportErrors: {
    path: { id: string };
    query?: {
      /** `ndjson` by default. */
      format?: 'ndjson' | 'csv' | 'json' | undefined;
      /** Only errors of this class. */
      kind?: 'not_utf8' | 'malformed_line' | 'line_too_long' | 'wrong_cells' | 'unknown_field' | 'missing_id' | 'invalid_id' | 'invalid_email' | 'invalid_phone' | 'invalid_locale' | 'invalid_time_zone' | 'invalid_attributes' | 'invalid_preferences' | undefined;
      /** Only with `format=json`: `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      /** Only with `format=json`. */
      limit?: number | undefined;
    } | undefined;
    answer: ImportErrorPage;
  };
  /** Create or change up to 1000 recipients. */
  putRecipientBatch: {
    body: RecipientBatchRequest;
    answer: {
      results: RecipientBatchResult[];
    };
  };
  /** Create or change a recipient. */
  putRecipient: {
    path: { recipient_id: string };
    body: PutRecipientRequest;
    answer: Recipient;
  };
  /** Look up a recipient. */
  getRecipient: {
    path: { recipient_id: string };
    answer: RecipientWithReachability;
  };
  /** Erase a recipient. */
  eraseRecipient: {
    path: { recipient_id: string };
    query?: {
      /** true: their addresses are never written to again, not even after a new registration. */
      suppress?: 'true' | 'false' | undefined;
    } | undefined;
    answer: undefined;
  };
  /** List recipients by id. */
  listRecipients: {
    query?: {
      /** The beginning of the id, character by character. */
      id_prefix?: string | undefined;
      /** In any spelling; also a disabled one. */
      email?: string | undefined;
      /** In any spelling with a country code (encode a plus sign as %2B); also a disabled one. */
      phone?: string | undefined;
      /** Exactly this one, in any case. */
      locale?: string | undefined;
      /** With an enabled contact point for it. */
      has_channel?: 'email' | 'sms' | 'push' | undefined;
      /** `<name>=<value>`: an attribute that is exactly this text, number or boolean. */
      attribute?: string | undefined;
      /** A filter of audiences, as JSON: see docs/audiences.md. */
      filter?: string | undefined;
      /** Recipients that belong to this audience. */
      audience?: string | undefined;
      /** At this time or later. */
      created_after?: string | undefined;
      /** Before this time. */
      created_before?: string | undefined;
      /** `csv`: the same rows as a file (RFC 4180), at most 10000 of them whatever `limit` says; the header `Next-Cursor` says where the rest begins. Cells that a spreadsheet would take for formulas are quoted with an apostrophe. */
      format?: 'json' | 'csv' | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: RecipientPage;
  };
  /** Export all that is held about a recipient. */
  exportRecipient: {
    path: { recipient_id: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
    } | undefined;
    answer: RecipientExport;
  };
  /** Let a disabled contact point be used again. */
  enableContactPoint: {
    path: { recipient_id: string; contact_point_id: string };
    body?: EnableContactPointRequest | undefined;
    answer: ContactPoint;
  };
  /** Register a device for push. */
  addDevice: {
    path: { recipient_id: string };
    body: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    };
    answer: Device;
  };
  /** Forget a device, for example when its user logs out. */
  removeDevice: {
    path: { recipient_id: string };
    body: {
      fcm_token?: string | undefined;
      apns_token?: string | undefined;
      /** A Web Push subscription, as `PushSubscription.toJSON()` gives it. */
      subscription?: {
        endpoint: string;
        keys: {
          p256dh: string;
          auth: string;
        };
        /** As browsers send it; not used. */
        expirationTime?: number | null | undefined;
      } | undefined;
    };
    answer: undefined;
  };
  /** Change what a recipient wants to get. */
  putPreferences: {
    path: { recipient_id: string };
    body: PutPreferencesRequest;
    answer: Preferences;
  };
  /** Look up what a recipient wants to get. */
  getPreferences: {
    path: { recipient_id: string };
    answer: Preferences;
  };
  /** Make a link to the preference page of a recipient. */
  createPreferencesLink: {
    path: { recipient_id: string };
    answer: PreferencesPageLink;
  };
  /** Make a token for the browser of a recipient. */
  issueRecipientToken: {
    path: { recipient_id: string };
    body: IssueTokenRequest;
    answer: RecipientToken;
  };
  /** List the messages of an inbox. */
  listInboxOf: {
    path: { recipient_id: string };
    query?: {
      /** Without it: everything that is neither archived nor snoozed; `unread`, `unseen` and `read` are parts of that. */
      status?: 'unread' | 'unseen' | 'read' | 'archived' | 'snoozed' | undefined;
      category?: string | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: InboxPage;
  };
  /** Follow an inbox. */
  streamInboxOf: {
    path: { recipient_id: string };
    query?: {
      /** The number of the last change that the client knows. Without it the stream begins at the present. */
      after?: number | undefined;
    } | undefined;
    answer: string;
  };
  /** Mark everything in the inbox as read. */
  markInboxReadOf: {
    path: { recipient_id: string };
    query?: {
      /** Only messages of this category. */
      category?: string | undefined;
      /** Leaves out what arrived after this number: what the person has not been shown. The `sequence` of the list. */
      up_to?: number | undefined;
    } | undefined;
    answer: InboxMarked;
  };
  /** Mark everything in the inbox as seen. */
  markInboxSeenOf: {
    path: { recipient_id: string };
    query?: {
      /** Only messages of this category. */
      category?: string | undefined;
      /** Leaves out what arrived after this number: what the person has not been shown. The `sequence` of the list. */
      up_to?: number | undefined;
    } | undefined;
    answer: InboxMarked;
  };
  /** Note that a message was on the screen. */
  markInboxMessageSeenOf: {
    path: { recipient_id: string; id: string };
    answer: InboxMessage;
  };
  /** Mark a message as read. */
  markInboxMessageReadOf: {
    path: { recipient_id: string; id: string };
    answer: InboxMessage;
  };
  /** Mark a message as unread again. */
  markInboxMessageUnreadOf: {
    path: { recipient_id: string; id: string };
    answer: InboxMessage;
  };
  /** Archive a message. */
  archiveInboxMessageOf: {
    path: { recipient_id: string; id: string };
    answer: InboxMessage;
  };
  /** Take a message out of the archive. */
  unarchiveInboxMessageOf: {
    path: { recipient_id: string; id: string };
    answer: InboxMessage;
  };
  /** Hide a message until a time. */
  snoozeInboxMessageOf: {
    path: { recipient_id: string; id: string };
    body: SnoozeRequest;
    answer: InboxMessage;
  };
  /** Never write to an address again. */
  addSuppression: {
    body: NewSuppression;
    answer: Suppression;
  };
  /** List suppressed addresses, or ask about one. */
  listSuppressions: {
    query?: {
      channel?: 'email' | 'sms' | 'push' | 'in_app' | undefined;
      /** E-mail address (in any case), phone number in E.164, device token or Web Push endpoint; for in_app the recipient id. */
      address?: string | undefined;
      reason?: 'bounce' | 'complaint' | 'stop' | 'unsubscribe' | 'manual' | 'erased' | undefined;
      /** `address_hash` unless said. */
      sort?: 'address_hash' | 'newest' | undefined;
      /** `csv`: the same rows as a file (RFC 4180), at most 10000 of them whatever `limit` says; the header `Next-Cursor` says where the rest begins. Cells that a spreadsheet would take for formulas are quoted with an apostrophe. */
      format?: 'json' | 'csv' | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: SuppressionPage;
  };
  /** Let an address be written to again. */
  removeSuppression: {
    body: SuppressedAddress;
    answer: undefined;
  };
  /** Look up why an address is suppressed. */
  getSuppression: {
    path: { channel: string; address_hash: string };
    answer: SuppressionWithEvidence;
  };
  /** Let an address of the list be written to again. */
  liftSuppression: {
    path: { channel: string; address_hash: string };
    body?: LiftSuppressionRequest | undefined;
    answer: undefined;
  };
  /** Publish a template. */
  putTemplate: {
    path: { key: string };
    body: PutTemplateRequest;
    answer: Template;
  };
  /** Look up a template. */
  getTemplate: {
    path: { key: string };
    query?: {
      /** Another version than the published one. */
      version?: number | undefined;
    } | undefined;
    answer: Template;
  };
  /** List templates by key. */
  listTemplates: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
      /** `true`: also templates that have a draft and were never published. */
      drafts?: 'true' | 'false' | undefined;
    } | undefined;
    answer: TemplatePage;
  };
  /** See what a template makes of some data. */
  previewTemplate: {
    path: { key: string };
    body: PreviewRequest;
    answer: Preview;
  };
  /** Store the draft of a template. */
  putTemplateDraft: {
    path: { key: string };
    body: PutTemplateDraftRequest;
    answer: TemplateDraft;
  };
  /** What to begin editing a template with. */
  getTemplateDraft: {
    path: { key: string };
    answer: TemplateDraft;
  };
  /** Discard the draft of a template. */
  deleteTemplateDraft: {
    path: { key: string };
    answer: undefined;
  };
  /** Publish the draft of a template. */
  publishTemplate: {
    path: { key: string };
    answer: Template;
  };
  /** List the versions of a template, newest first. */
  listTemplateVersions: {
    path: { key: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: TemplateVersionPage;
  };
  /** What differs between two versions of a template. */
  diffTemplate: {
    path: { key: string };
    query?: {
      /** A version, `published` or `draft`; `published` unless given. */
      from?: string | undefined;
      /** A version, `published` or `draft`; `draft` unless given. */
      to?: string | undefined;
    } | undefined;
    answer: TemplateDiff;
  };
  /** Publish an earlier version of a template again. */
  rollBackTemplate: {
    path: { key: string };
    body: RollBackTemplateRequest;
    answer: Template;
  };
  /** Create or change a layout. */
  putLayout: {
    path: { key: string };
    body: PutLayoutRequest;
    answer: TemplatePart;
  };
  /** Look up a layout and what uses it. */
  getLayout: {
    path: { key: string };
    answer: TemplatePart;
  };
  /** Delete a layout that nothing uses. */
  deleteLayout: {
    path: { key: string };
    answer: undefined;
  };
  /** List layouts by key. */
  listLayouts: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: TemplatePartPage;
  };
  /** List the versions of a layout, newest first. */
  listLayoutVersions: {
    path: { key: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: TemplatePartVersionPage;
  };
  /** Look up the texts of one version of a layout. */
  getLayoutVersion: {
    path: { key: string; version: string };
    answer: TemplatePartVersionTexts;
  };
  /** Create or change a partial. */
  putPartial: {
    path: { key: string };
    body: PutPartialRequest;
    answer: TemplatePart;
  };
  /** Look up a partial and what uses it. */
  getPartial: {
    path: { key: string };
    answer: TemplatePart;
  };
  /** Delete a partial that nothing uses. */
  deletePartial: {
    path: { key: string };
    answer: undefined;
  };
  /** List partials by key. */
  listPartials: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: TemplatePartPage;
  };
  /** List the versions of a partial, newest first. */
  listPartialVersions: {
    path: { key: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: TemplatePartVersionPage;
  };
  /** Look up the texts of one version of a partial. */
  getPartialVersion: {
    path: { key: string; version: string };
    answer: TemplatePartVersionTexts;
  };
  /** Send a template to yourself. */
  testTemplate: {
    path: { key: string };
    body: TestTemplateRequest;
    answer: {
      results: BatchResult[];
    };
  };
  /** How many belong to an audience, and how they can be reached. */
  countAudience: {
    path: { key: string };
    query?: {
      /** `false`: an estimate from a sample, at once; `count` is null then. Exact all the same if the app has few recipients. */
      exact?: 'true' | 'false' | undefined;
      /** `false`: without `reachable` and `unreachable`, which is several times as fast. */
      channels?: 'true' | 'false' | undefined;
    } | undefined;
    answer: AudienceCount;
  };
  /** The same for a filter that is not saved. */
  countFilter: {
    query?: {
      /** `false`: an estimate from a sample, at once; `count` is null then. Exact all the same if the app has few recipients. */
      exact?: 'true' | 'false' | undefined;
      /** `false`: without `reachable` and `unreachable`, which is several times as fast. */
      channels?: 'true' | 'false' | undefined;
    } | undefined;
    body: CountFilterRequest;
    answer: AudienceCount;
  };
  /** Save a filter or a list of recipients. */
  putAudience: {
    path: { key: string };
    body: PutAudienceRequest;
    answer: PutAudienceResult;
  };
  /** Look up an audience. */
  getAudience: {
    path: { key: string };
    answer: AudienceWithUsers;
  };
  /** Delete an audience. */
  deleteAudience: {
    path: { key: string };
    answer: undefined;
  };
  /** List audiences by key. */
  listAudiences: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: AudiencePage;
  };
  /** Add recipients to a list. */
  addMembers: {
    path: { key: string };
    body?: MembersRequest | undefined;
    answer: MembersChange;
  };
  /** Take recipients out of a list. */
  removeMembers: {
    path: { key: string };
    body?: MembersRequest | undefined;
    answer: MembersChange;
  };
  /** The recipients of an audience, by id. */
  listMembers: {
    path: { key: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: RecipientPage;
  };
  /** Which attributes recipients have. */
  listRecipientAttributes: {
    answer: RecipientAttributes;
  };
  /** Create a campaign. */
  createCampaign: {
    body: CreateCampaignRequest;
    answer: Campaign;
  };
  /** List campaigns, newest first. */
  listCampaigns: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
      /** One, or any of several: `scheduled,running`. */
      state?: string | undefined;
    } | undefined;
    answer: CampaignPage;
  };
  /** Change a campaign. */
  patchCampaign: {
    path: { id: string };
    body: PatchCampaignRequest;
    answer: Campaign;
  };
  /** Delete a draft. */
  deleteCampaign: {
    path: { id: string };
    answer: undefined;
  };
  /** Look up a campaign. */
  getCampaign: {
    path: { id: string };
    answer: Campaign;
  };
  /** Count whom a campaign would reach. */
  reviewCampaign: {
    path: { id: string };
    answer: CampaignReview;
  };
  /** Read the review of a campaign. */
  getCampaignReview: {
    path: { id: string };
    answer: CampaignReview;
  };
  /** Send a campaign to yourself. */
  testCampaign: {
    path: { id: string };
    body: TestCampaignRequest;
    answer: {
      results: BatchResult[];
    };
  };
  /** Send a campaign, now or at a time. */
  scheduleCampaign: {
    path: { id: string };
    body?: ScheduleCampaignRequest | undefined;
    answer: Campaign;
  };
  /** Pause a campaign. */
  pauseCampaign: {
    path: { id: string };
    body?: MoveCampaignRequest | undefined;
    answer: Campaign;
  };
  /** Let a paused campaign go on. */
  resumeCampaign: {
    path: { id: string };
    body?: MoveCampaignRequest | undefined;
    answer: Campaign;
  };
  /** Cancel a campaign for good. */
  cancelCampaign: {
    path: { id: string };
    body?: MoveCampaignRequest | undefined;
    answer: Campaign;
  };
  /** Approve a campaign. */
  approveCampaign: {
    path: { id: string };
    answer: Campaign;
  };
  /** List the recipients behind a figure of a campaign. */
  listCampaignRecipients: {
    path: { id: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
      /** A figure of `counts`. Left out: `planned`, everybody. */
      state?: 'planned' | 'remaining' | 'made' | 'not_made' | 'open' | 'in_progress' | 'scheduled' | 'retrying' | 'in_doubt' | 'sent' | 'delivered' | 'failed' | 'dead' | 'suppressed' | 'skipped' | 'cancelled' | 'expired' | undefined;
      /** With `not_made`: of this reason only. */
      reason?: 'unknown' | 'no_contact_point' | 'missing_variable' | 'holdout' | 'already_made' | 'too_late' | undefined;
      /** The key of a variant. */
      variant?: string | undefined;
      /** `csv`: the same rows as a file (RFC 4180), at most 10000 of them whatever `limit` says; the header `Next-Cursor` says where the rest begins. Cells that a spreadsheet would take for formulas are quoted with an apostrophe. */
      format?: 'json' | 'csv' | undefined;
    } | undefined;
    answer: CampaignRecipientPage;
  };
  /** Follow a campaign. */
  streamCampaign: {
    path: { id: string };
    answer: string;
  };
  /** Say how messages of a category are treated. */
  putCategory: {
    path: { name: string };
    body: PutCategoryRequest;
    answer: Category;
  };
  /** Look up the settings of a category. */
  getCategory: {
    path: { name: string };
    answer: Category;
  };
  /** Forget the settings of a category. */
  deleteCategory: {
    path: { name: string };
    answer: undefined;
  };
  /** List the categories that have settings, by name. */
  listCategories: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: CategoryPage;
  };
  /** List provider accounts with their circuit breakers. */
  listBreakers: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: BreakerPage;
  };
  /** Hold a breaker open: nothing is sent through the account. */
  openBreaker: {
    path: { account: string };
    body: HoldBreakerRequest;
    answer: Breaker;
  };
  /** Hold a breaker closed: the account is used whatever fails. */
  closeBreaker: {
    path: { account: string };
    body: HoldBreakerRequest;
    answer: Breaker;
  };
  /** Let a held breaker move by itself again. */
  releaseBreaker: {
    path: { account: string };
    body?: ReleaseBreakerRequest | undefined;
    answer: Breaker;
  };
  /** List the providers that accounts can be made for. */
  listProviders: {
    answer: ProviderPage;
  };
  /** What the installation does at this moment. */
  getOverview: {
    answer: Overview;
  };
  /** What the installation did in the last hours. */
  getOverviewHistory: {
    query?: {
      /** How far back; 24 where it is left out. A step has a 288th of it, at least a minute. */
      hours?: '1' | '3' | '6' | '12' | '24' | '48' | undefined;
    } | undefined;
    answer: OverviewHistory;
  };
  /** Create or replace a provider account. */
  putProviderAccount: {
    path: { account: string };
    body: PutProviderAccountRequest;
    answer: ProviderAccount;
  };
  /** Enable, disable, reorder or limit a provider account. */
  patchProviderAccount: {
    path: { account: string };
    body: PatchProviderAccountRequest;
    answer: ProviderAccount;
  };
  /** Read a provider account. */
  getProviderAccount: {
    path: { account: string };
    answer: ProviderAccountWithHealth;
  };
  /** Remove a provider account. */
  deleteProviderAccount: {
    path: { account: string };
    answer: undefined;
  };
  /** List the provider accounts of the installation. */
  listProviderAccounts: {
    answer: ProviderAccountPage;
  };
  /** Ask the provider whether the credentials are good. */
  verifyProviderAccount: {
    path: { account: string };
    answer: ProviderAccountVerdict;
  };
  /** Send a real message through this account and no other. */
  testProviderAccount: {
    path: { account: string };
    body: TestProviderAccountRequest;
    answer: Accepted;
  };
  /** Register an endpoint for events. */
  createWebhookEndpoint: {
    body: CreateWebhookEndpointRequest;
    answer: WebhookEndpointWithSecret;
  };
  /** List endpoints. */
  listWebhookEndpoints: {
    answer: WebhookEndpointPage;
  };
  /** Read an endpoint. */
  getWebhookEndpoint: {
    path: { id: string };
    answer: WebhookEndpoint;
  };
  /** Change, disable or enable an endpoint. */
  patchWebhookEndpoint: {
    path: { id: string };
    body: PatchWebhookEndpointRequest;
    answer: WebhookEndpoint;
  };
  /** Remove an endpoint. */
  deleteWebhookEndpoint: {
    path: { id: string };
    answer: undefined;
  };
  /** Give an endpoint a new signing secret. */
  rotateWebhookSecret: {
    path: { id: string };
    body?: RotateWebhookSecretRequest | undefined;
    answer: WebhookEndpointWithSecret;
  };
  /** Send the events of a range of time again. */
  replayWebhookEvents: {
    path: { id: string };
    body: ReplayRequest;
    answer: Replay;
  };
  /** What an endpoint was sent, newest first. */
  listEventDeliveries: {
    path: { id: string };
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
      status?: 'pending' | 'delivered' | 'failed' | 'dropped' | undefined;
    } | undefined;
    answer: EventDeliveryPage;
  };
  /** Add an app. */
  createApp: {
    body: CreateAppRequest;
    answer: App;
  };
  /** List the apps of the installation. */
  listApps: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: AppPage;
  };
  /** Rename an app, give it another time zone or a brand. */
  patchApp: {
    path: { id: string };
    body: PatchAppRequest;
    answer: App;
  };
  /** Make an API key. */
  createApiKey: {
    body: CreateApiKeyRequest;
    answer: ApiKeyWithText;
  };
  /** List API keys. */
  listApiKeys: {
    query?: {
      app_id?: string | undefined;
      environment?: 'live' | 'test' | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: ApiKeyPage;
  };
  /** Make a key in the place of another. */
  rotateApiKey: {
    path: { id: string };
    body?: RotateApiKeyRequest | undefined;
    answer: ApiKeyWithText;
  };
  /** Revoke a key. */
  deleteApiKey: {
    path: { id: string };
    answer: undefined;
  };
  /** List the requests of the last day, newest first. */
  listRequests: {
    query?: {
      key_id?: string | undefined;
      method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | undefined;
      /** As registered: `/v1/notifications/:id`. */
      route?: string | undefined;
      /** A status (`422`), a class (`4xx`), or `problem`: 400 and above. */
      status?: string | undefined;
      /** The code of a problem: `invalid_request`. */
      code?: string | undefined;
      request_id?: string | undefined;
      created_after?: string | undefined;
      created_before?: string | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: LoggedRequestPage;
  };
  /** Invite a person to the dashboard. */
  createStaffMember: {
    body: CreateStaffMemberRequest;
    answer: StaffMemberWithLink;
  };
  /** List dashboard accounts. */
  listStaff: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: StaffMemberPage;
  };
  /** Give an account other roles or another name, disable or enable it. */
  patchStaffMember: {
    path: { id: string };
    body: PatchStaffMemberRequest;
    answer: StaffMember;
  };
  /** Make a person choose another password. */
  resetStaffPassword: {
    path: { id: string };
    body?: ResetStaffPasswordRequest | undefined;
    answer: StaffMemberWithLink;
  };
  /** List the live sessions of an account. */
  listStaffSessions: {
    path: { id: string };
    answer: StaffSessionPage;
  };
  /** End a session of an account. */
  deleteStaffSession: {
    path: { id: string; session_id: string };
    answer: undefined;
  };
  /** List the roles of staff. */
  listRoles: {
    answer: RolePage;
  };
  /** Read the audit log. */
  listAudit: {
    query?: {
      subject?: string | undefined;
      actor?: string | undefined;
      /** A whole action, or all of a noun with a dot: `api_key.` */
      action?: string | undefined;
      app_id?: string | undefined;
      created_after?: string | undefined;
      created_before?: string | undefined;
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
      limit?: number | undefined;
    } | undefined;
    answer: AuditEntryPage;
  };
  /** List the lanes with what waits in them. */
  listLanes: {
    answer: LanePage;
  };
  /** Check the hash chain of the audit log. */
  verifyAudit: {
    query?: {
      /** `next_cursor` of the page before, as it is. */
      cursor?: string | undefined;
    } | undefined;
    answer: AuditVerification;
  };
  /** Export the audit log as a file. */
  exportAudit: {
    query: {
      format: 'csv' | 'ndjson';
      subject?: string | undefined;
      actor?: string | undefined;
      /** A whole action, or all of a noun with a dot: `api_key.` */
      action?: string | undefined;
      app_id?: string | undefined;
      created_after?: string | undefined;
      created_before?: string | undefined;
    };
    answer: string;
  };
}

export type OperationId = keyof Operations;

/** Where each operation is. */
export const ROUTES = {
  listInbox: { method: 'GET', path: '/v1/inbox' },
  streamInbox: { method: 'GET', path: '/v1/inbox/stream' },
  markInboxRead: { method: 'POST', path: '/v1/inbox/read-all' },
  markInboxSeen: { method: 'POST', path: '/v1/inbox/seen-all' },
  markInboxMessageSeen: { method: 'POST', path: '/v1/inbox/{id}/seen' },
  markInboxMessageRead: { method: 'POST', path: '/v1/inbox/{id}/read' },
  markInboxMessageUnread: { method: 'POST', path: '/v1/inbox/{id}/unread' },
  archiveInboxMessage: { method: 'POST', path: '/v1/inbox/{id}/archive' },
  unarchiveInboxMessage: { method: 'POST', path: '/v1/inbox/{id}/unarchive' },
  snoozeInboxMessage: { method: 'POST', path: '/v1/inbox/{id}/snooze' },
  getMyPreferences: { method: 'GET', path: '/v1/my/preferences' },
  putMyPreferences: { method: 'PUT', path: '/v1/my/preferences' },
  sendNotification: { method: 'POST', path: '/v1/notifications' },
  listNotifications: { method: 'GET', path: '/v1/notifications' },
  sendNotificationBatch: { method: 'POST', path: '/v1/notifications/batch' },
  explainNotification: { method: 'POST', path: '/v1/notifications/explain' },
  exportNotifications: { method: 'GET', path: '/v1/notifications/export' },
  getNotification: { method: 'GET', path: '/v1/notifications/{id}' },
  getNotificationContent: { method: 'GET', path: '/v1/notifications/{id}/content' },
  search: { method: 'GET', path: '/v1/search' },
  listSandbox: { method: 'GET', path: '/v1/sandbox' },
  cancelNotification: { method: 'POST', path: '/v1/notifications/{id}/cancel' },
  rescheduleNotification: { method: 'POST', path: '/v1/notifications/{id}/reschedule' },
  retryNotification: { method: 'POST', path: '/v1/notifications/{id}/retry' },
  markNotificationSent: { method: 'POST', path: '/v1/notifications/{id}/mark-sent' },
  startBulkAction: { method: 'POST', path: '/v1/bulk' },
  listBulkActions: { method: 'GET', path: '/v1/bulk' },
  getBulkAction: { method: 'GET', path: '/v1/bulk/{id}' },
  stopBulkAction: { method: 'POST', path: '/v1/bulk/{id}/stop' },
  importRecipients: { method: 'POST', path: '/v1/recipients/import' },
  getImport: { method: 'GET', path: '/v1/imports/{id}' },
  listImports: { method: 'GET', path: '/v1/imports' },
  exportImportErrors: { method: 'GET', path: '/v1/imports/{id}/errors' },
  putRecipientBatch: { method: 'POST', path: '/v1/recipients/batch' },
  putRecipient: { method: 'PUT', path: '/v1/recipients/{recipient_id}' },
  getRecipient: { method: 'GET', path: '/v1/recipients/{recipient_id}' },
  eraseRecipient: { method: 'DELETE', path: '/v1/recipients/{recipient_id}' },
  listRecipients: { method: 'GET', path: '/v1/recipients' },
  exportRecipient: { method: 'GET', path: '/v1/recipients/{recipient_id}/export' },
  enableContactPoint: { method: 'POST', path: '/v1/recipients/{recipient_id}/contact-points/{contact_point_id}/enable' },
  addDevice: { method: 'POST', path: '/v1/recipients/{recipient_id}/devices' },
  removeDevice: { method: 'DELETE', path: '/v1/recipients/{recipient_id}/devices' },
  putPreferences: { method: 'PUT', path: '/v1/recipients/{recipient_id}/preferences' },
  getPreferences: { method: 'GET', path: '/v1/recipients/{recipient_id}/preferences' },
  createPreferencesLink: { method: 'POST', path: '/v1/recipients/{recipient_id}/preferences-link' },
  issueRecipientToken: { method: 'POST', path: '/v1/recipients/{recipient_id}/tokens' },
  listInboxOf: { method: 'GET', path: '/v1/recipients/{recipient_id}/inbox' },
  streamInboxOf: { method: 'GET', path: '/v1/recipients/{recipient_id}/inbox/stream' },
  markInboxReadOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/read-all' },
  markInboxSeenOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/seen-all' },
  markInboxMessageSeenOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/seen' },
  markInboxMessageReadOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/read' },
  markInboxMessageUnreadOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/unread' },
  archiveInboxMessageOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/archive' },
  unarchiveInboxMessageOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/unarchive' },
  snoozeInboxMessageOf: { method: 'POST', path: '/v1/recipients/{recipient_id}/inbox/{id}/snooze' },
  addSuppression: { method: 'POST', path: '/v1/suppressions' },
  listSuppressions: { method: 'GET', path: '/v1/suppressions' },
  removeSuppression: { method: 'DELETE', path: '/v1/suppressions' },
  getSuppression: { method: 'GET', path: '/v1/suppressions/{channel}/{address_hash}' },
  liftSuppression: { method: 'DELETE', path: '/v1/suppressions/{channel}/{address_hash}' },
  putTemplate: { method: 'PUT', path: '/v1/templates/{key}' },
  getTemplate: { method: 'GET', path: '/v1/templates/{key}' },
  listTemplates: { method: 'GET', path: '/v1/templates' },
  previewTemplate: { method: 'POST', path: '/v1/templates/{key}/preview' },
  putTemplateDraft: { method: 'PUT', path: '/v1/templates/{key}/draft' },
  getTemplateDraft: { method: 'GET', path: '/v1/templates/{key}/draft' },
  deleteTemplateDraft: { method: 'DELETE', path: '/v1/templates/{key}/draft' },
  publishTemplate: { method: 'POST', path: '/v1/templates/{key}/publish' },
  listTemplateVersions: { method: 'GET', path: '/v1/templates/{key}/versions' },
  diffTemplate: { method: 'GET', path: '/v1/templates/{key}/diff' },
  rollBackTemplate: { method: 'POST', path: '/v1/templates/{key}/rollback' },
  putLayout: { method: 'PUT', path: '/v1/layouts/{key}' },
  getLayout: { method: 'GET', path: '/v1/layouts/{key}' },
  deleteLayout: { method: 'DELETE', path: '/v1/layouts/{key}' },
  listLayouts: { method: 'GET', path: '/v1/layouts' },
  listLayoutVersions: { method: 'GET', path: '/v1/layouts/{key}/versions' },
  getLayoutVersion: { method: 'GET', path: '/v1/layouts/{key}/versions/{version}' },
  putPartial: { method: 'PUT', path: '/v1/partials/{key}' },
  getPartial: { method: 'GET', path: '/v1/partials/{key}' },
  deletePartial: { method: 'DELETE', path: '/v1/partials/{key}' },
  listPartials: { method: 'GET', path: '/v1/partials' },
  listPartialVersions: { method: 'GET', path: '/v1/partials/{key}/versions' },
  getPartialVersion: { method: 'GET', path: '/v1/partials/{key}/versions/{version}' },
  testTemplate: { method: 'POST', path: '/v1/templates/{key}/test' },
  countAudience: { method: 'GET', path: '/v1/audiences/{key}/count' },
  countFilter: { method: 'POST', path: '/v1/audiences/count' },
  putAudience: { method: 'PUT', path: '/v1/audiences/{key}' },
  getAudience: { method: 'GET', path: '/v1/audiences/{key}' },
  deleteAudience: { method: 'DELETE', path: '/v1/audiences/{key}' },
  listAudiences: { method: 'GET', path: '/v1/audiences' },
  addMembers: { method: 'POST', path: '/v1/audiences/{key}/members' },
  removeMembers: { method: 'DELETE', path: '/v1/audiences/{key}/members' },
  listMembers: { method: 'GET', path: '/v1/audiences/{key}/members' },
  listRecipientAttributes: { method: 'GET', path: '/v1/recipient-attributes' },
  createCampaign: { method: 'POST', path: '/v1/campaigns' },
  listCampaigns: { method: 'GET', path: '/v1/campaigns' },
  patchCampaign: { method: 'PATCH', path: '/v1/campaigns/{id}' },
  deleteCampaign: { method: 'DELETE', path: '/v1/campaigns/{id}' },
  getCampaign: { method: 'GET', path: '/v1/campaigns/{id}' },
  reviewCampaign: { method: 'POST', path: '/v1/campaigns/{id}/review' },
  getCampaignReview: { method: 'GET', path: '/v1/campaigns/{id}/review' },
  testCampaign: { method: 'POST', path: '/v1/campaigns/{id}/test' },
  scheduleCampaign: { method: 'POST', path: '/v1/campaigns/{id}/schedule' },
  pauseCampaign: { method: 'POST', path: '/v1/campaigns/{id}/pause' },
  resumeCampaign: { method: 'POST', path: '/v1/campaigns/{id}/resume' },
  cancelCampaign: { method: 'POST', path: '/v1/campaigns/{id}/cancel' },
  approveCampaign: { method: 'POST', path: '/v1/campaigns/{id}/approve' },
  listCampaignRecipients: { method: 'GET', path: '/v1/campaigns/{id}/recipients' },
  streamCampaign: { method: 'GET', path: '/v1/campaigns/{id}/stream' },
  putCategory: { method: 'PUT', path: '/v1/categories/{name}' },
  getCategory: { method: 'GET', path: '/v1/categories/{name}' },
  deleteCategory: { method: 'DELETE', path: '/v1/categories/{name}' },
  listCategories: { method: 'GET', path: '/v1/categories' },
  listBreakers: { method: 'GET', path: '/v1/breakers' },
  openBreaker: { method: 'POST', path: '/v1/breakers/{account}/open' },
  closeBreaker: { method: 'POST', path: '/v1/breakers/{account}/close' },
  releaseBreaker: { method: 'POST', path: '/v1/breakers/{account}/release' },
  listProviders: { method: 'GET', path: '/v1/providers' },
  getOverview: { method: 'GET', path: '/v1/overview' },
  getOverviewHistory: { method: 'GET', path: '/v1/overview/history' },
  putProviderAccount: { method: 'PUT', path: '/v1/provider-accounts/{account}' },
  patchProviderAccount: { method: 'PATCH', path: '/v1/provider-accounts/{account}' },
  getProviderAccount: { method: 'GET', path: '/v1/provider-accounts/{account}' },
  deleteProviderAccount: { method: 'DELETE', path: '/v1/provider-accounts/{account}' },
  listProviderAccounts: { method: 'GET', path: '/v1/provider-accounts' },
  verifyProviderAccount: { method: 'POST', path: '/v1/provider-accounts/{account}/verify' },
  testProviderAccount: { method: 'POST', path: '/v1/provider-accounts/{account}/test' },
  createWebhookEndpoint: { method: 'POST', path: '/v1/webhook-endpoints' },
  listWebhookEndpoints: { method: 'GET', path: '/v1/webhook-endpoints' },
  getWebhookEndpoint: { method: 'GET', path: '/v1/webhook-endpoints/{id}' },
  patchWebhookEndpoint: { method: 'PATCH', path: '/v1/webhook-endpoints/{id}' },
  deleteWebhookEndpoint: { method: 'DELETE', path: '/v1/webhook-endpoints/{id}' },
  rotateWebhookSecret: { method: 'POST', path: '/v1/webhook-endpoints/{id}/rotate-secret' },
  replayWebhookEvents: { method: 'POST', path: '/v1/webhook-endpoints/{id}/replay' },
  listEventDeliveries: { method: 'GET', path: '/v1/webhook-endpoints/{id}/deliveries' },
  createApp: { method: 'POST', path: '/v1/apps' },
  listApps: { method: 'GET', path: '/v1/apps' },
  patchApp: { method: 'PATCH', path: '/v1/apps/{id}' },
  createApiKey: { method: 'POST', path: '/v1/api-keys' },
  listApiKeys: { method: 'GET', path: '/v1/api-keys' },
  rotateApiKey: { method: 'POST', path: '/v1/api-keys/{id}/rotate' },
  deleteApiKey: { method: 'DELETE', path: '/v1/api-keys/{id}' },
  listRequests: { method: 'GET', path: '/v1/request-log' },
  createStaffMember: { method: 'POST', path: '/v1/staff' },
  listStaff: { method: 'GET', path: '/v1/staff' },
  patchStaffMember: { method: 'PATCH', path: '/v1/staff/{id}' },
  resetStaffPassword: { method: 'POST', path: '/v1/staff/{id}/reset-password' },
  listStaffSessions: { method: 'GET', path: '/v1/staff/{id}/sessions' },
  deleteStaffSession: { method: 'DELETE', path: '/v1/staff/{id}/sessions/{session_id}' },
  listRoles: { method: 'GET', path: '/v1/roles' },
  listAudit: { method: 'GET', path: '/v1/audit' },
  listLanes: { method: 'GET', path: '/v1/lanes' },
  verifyAudit: { method: 'GET', path: '/v1/audit/verify' },
  exportAudit: { method: 'GET', path: '/v1/audit/export' },
} as const satisfies Record<OperationId, { method: string; path: string }>;
