create table api_keys (
  id text not null,
  app_id uuid not null,
  environment text not null,
  name text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  rate_per_second integer,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  replaced_by text,
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint api_keys_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text])))
);
CREATE INDEX api_keys_app ON public.api_keys USING btree (app_id);

create table apps (
  id uuid default gen_random_uuid() not null,
  name text not null,
  created_at timestamp with time zone default now() not null,
  time_zone text,
  brand jsonb,
  allowed_origins text[] default '{}'::text[] not null,
  approves_campaigns boolean default false not null,
  constraint apps_pkey PRIMARY KEY (id)
);

create table attachments (
  notification_id uuid not null,
  "position" smallint not null,
  filename text not null,
  content_type text not null,
  content bytea,
  url text,
  size_bytes integer,
  constraint attachments_notification_id_position_pk PRIMARY KEY (notification_id, "position"),
  constraint attachments_content_or_url CHECK (((content IS NULL) <> (url IS NULL)))
);

create table audience_members (
  audience_id uuid not null,
  recipient_id text not null,
  app_id uuid not null,
  environment text not null,
  added_at timestamp with time zone default now() not null,
  constraint audience_members_audience_id_recipient_id_pk PRIMARY KEY (audience_id, recipient_id),
  constraint audience_members_audience_id_audiences_id_fk FOREIGN KEY (audience_id) REFERENCES audiences(id) ON DELETE CASCADE,
  constraint audience_members_recipient FOREIGN KEY (app_id, environment, recipient_id) REFERENCES recipients(app_id, environment, id) ON DELETE CASCADE
);
CREATE INDEX audience_members_of ON public.audience_members USING btree (app_id, environment, recipient_id);

create table audiences (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  key text not null,
  name text not null,
  kind text not null,
  filter jsonb,
  uses text[] default '{}'::text[] not null,
  updated_by text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  last_count integer,
  last_counted_at timestamp with time zone,
  constraint audiences_pkey PRIMARY KEY (id),
  constraint audiences_key UNIQUE (app_id, environment, key),
  constraint audiences_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint audiences_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint audiences_filter CHECK (((kind = 'filter'::text) = (filter IS NOT NULL))),
  constraint audiences_kind CHECK ((kind = ANY (ARRAY['filter'::text, 'list'::text])))
);

create table audit_log (
  id bigint generated always as identity not null,
  at timestamp with time zone default now() not null,
  app_id uuid,
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb default '{}'::jsonb not null,
  hash bytea default '\x'::bytea not null,
  constraint audit_log_pkey PRIMARY KEY (id)
);
CREATE INDEX audit_log_by_app ON public.audit_log USING btree (app_id, id);
CREATE INDEX audit_log_by_subject ON public.audit_log USING btree (subject, id);

create table bulk_actions (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  idempotency_key text,
  request_hash bytea not null,
  action text not null,
  filter jsonb not null,
  send_at timestamp with time zone,
  accept_duplicate_risk boolean default false not null,
  dry_run boolean default false not null,
  rate_per_second integer not null,
  state text not null,
  matched integer not null,
  matched_completely boolean not null,
  done integer default 0 not null,
  skipped jsonb default '{}'::jsonb not null,
  position_at timestamp with time zone,
  position_id uuid,
  actor text not null,
  created_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  constraint bulk_actions_pkey PRIMARY KEY (id),
  constraint bulk_actions_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint bulk_actions_action CHECK ((action = ANY (ARRAY['retry'::text, 'cancel'::text, 'reschedule'::text]))),
  constraint bulk_actions_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint bulk_actions_finished CHECK (((state = 'running'::text) = (finished_at IS NULL))),
  constraint bulk_actions_position CHECK (((position_at IS NULL) = (position_id IS NULL))),
  constraint bulk_actions_send_at CHECK (((action = 'reschedule'::text) = (send_at IS NOT NULL))),
  constraint bulk_actions_state CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'stopped'::text])))
);
CREATE UNIQUE INDEX bulk_actions_key ON public.bulk_actions USING btree (app_id, environment, idempotency_key) WHERE (idempotency_key IS NOT NULL);
CREATE INDEX bulk_actions_list ON public.bulk_actions USING btree (app_id, environment, created_at, id);
CREATE INDEX bulk_actions_running ON public.bulk_actions USING btree (created_at) WHERE (state = 'running'::text);

create table campaign_chunks (
  campaign_id uuid not null,
  n integer not null,
  due_at timestamp with time zone not null,
  recipient_ids text[] not null,
  made_upto integer default 0 not null,
  state text default 'open'::text not null,
  constraint campaign_chunks_campaign_id_n_pk PRIMARY KEY (campaign_id, n),
  constraint campaign_chunks_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE,
  constraint campaign_chunks_ids CHECK (((cardinality(recipient_ids) >= 1) AND (cardinality(recipient_ids) <= 1000))),
  constraint campaign_chunks_made CHECK (((made_upto >= 0) AND (made_upto <= cardinality(recipient_ids)))),
  constraint campaign_chunks_state CHECK ((state = ANY (ARRAY['open'::text, 'done'::text])))
);
CREATE INDEX campaign_chunks_due ON public.campaign_chunks USING btree (campaign_id, due_at, n) WHERE (state = 'open'::text);

create table campaign_not_made (
  campaign_id uuid not null,
  recipient_id text not null,
  reason text not null,
  detail text,
  constraint campaign_not_made_campaign_id_recipient_id_pk PRIMARY KEY (campaign_id, recipient_id),
  constraint campaign_not_made_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE
);
CREATE INDEX campaign_not_made_by_reason ON public.campaign_not_made USING btree (campaign_id, reason, recipient_id);

create table campaign_reviews (
  campaign_id uuid not null,
  fingerprint text not null,
  state text default 'counting'::text not null,
  requested_by text not null,
  requested_at timestamp with time zone default now() not null,
  lease_until timestamp with time zone,
  counted_at timestamp with time zone,
  result jsonb,
  error text,
  constraint campaign_reviews_pkey PRIMARY KEY (campaign_id),
  constraint campaign_reviews_campaign_id_campaigns_id_fk FOREIGN KEY (campaign_id) REFERENCES campaigns(id) ON DELETE CASCADE,
  constraint campaign_reviews_state CHECK ((state = ANY (ARRAY['counting'::text, 'done'::text, 'failed'::text])))
);
CREATE INDEX campaign_reviews_wanted ON public.campaign_reviews USING btree (requested_at) WHERE (state = 'counting'::text);

create table campaigns (
  id uuid not null,
  app_id uuid not null,
  environment text not null,
  name text not null,
  state text default 'draft'::text not null,
  definition jsonb not null,
  schedule jsonb,
  throttle_per_minute integer,
  expires_at timestamp with time zone,
  version integer default 1 not null,
  content jsonb,
  starts_at timestamp with time zone,
  frozen_upto text,
  frozen_at timestamp with time zone,
  tokens double precision default 0 not null,
  tokens_at timestamp with time zone,
  created_by text not null,
  approved_by text,
  approved_version integer,
  reason text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  self_paused_at timestamp with time zone,
  updated_by text,
  constraint campaigns_pkey PRIMARY KEY (id),
  constraint campaigns_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint campaigns_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint campaigns_state CHECK ((state = ANY (ARRAY['draft'::text, 'scheduled'::text, 'running'::text, 'paused'::text, 'done'::text, 'cancelled'::text, 'failed'::text]))),
  constraint campaigns_throttle CHECK (((throttle_per_minute >= 1) AND (throttle_per_minute <= 10000000)))
);
CREATE INDEX campaigns_at_work ON public.campaigns USING btree (state, starts_at) WHERE (state = ANY (ARRAY['scheduled'::text, 'running'::text, 'paused'::text]));
CREATE INDEX campaigns_by_age ON public.campaigns USING btree (app_id, environment, created_at, id);

create table cap_uses (
  notification_id uuid not null,
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  channel text not null,
  category text,
  at timestamp with time zone default now() not null,
  constraint cap_uses_pkey PRIMARY KEY (notification_id),
  constraint cap_uses_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text])))
);
CREATE INDEX cap_uses_by_age ON public.cap_uses USING btree (at);
CREATE INDEX cap_uses_of ON public.cap_uses USING btree (app_id, environment, recipient_id, at);

create table categories (
  app_id uuid not null,
  environment text not null,
  name text not null,
  delivery_policy text default 'resolve'::text not null,
  resolve_within_seconds integer,
  backoff_seconds integer[],
  updated_at timestamp with time zone default now() not null,
  track_opens boolean default false not null,
  track_clicks boolean default false not null,
  unsubscribable boolean default false not null,
  secret boolean default false not null,
  titles jsonb default '{}'::jsonb not null,
  descriptions jsonb default '{}'::jsonb not null,
  default_on boolean default true not null,
  locked boolean default false not null,
  constraint categories_app_id_environment_name_pk PRIMARY KEY (app_id, environment, name),
  constraint categories_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint categories_backoff CHECK (((cardinality(backoff_seconds) >= 1) AND (cardinality(backoff_seconds) <= 20))),
  constraint categories_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint categories_policy CHECK ((delivery_policy = ANY (ARRAY['resolve'::text, 'at_least_once'::text, 'at_most_once'::text, 'ask'::text]))),
  constraint categories_resolve_within CHECK (((resolve_within_seconds >= 1) AND (resolve_within_seconds <= 86400)))
);

create table circuit_breakers (
  account text not null,
  channel text not null,
  state text default 'closed'::text not null,
  held_by text,
  reason text,
  changed_at timestamp with time zone default now() not null,
  probe_at timestamp with time zone,
  cool_down_seconds integer default 0 not null,
  constraint circuit_breakers_pkey PRIMARY KEY (account),
  constraint circuit_breakers_probed CHECK (((state <> 'open'::text) OR (held_by IS NOT NULL) OR (probe_at IS NOT NULL))),
  constraint circuit_breakers_state CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])))
);

create table contact_points (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  kind text not null,
  address text not null,
  keys jsonb,
  created_at timestamp with time zone default now() not null,
  verified_at timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  soft_bounces smallint default 0 not null,
  constraint contact_points_pkey PRIMARY KEY (id),
  constraint contact_points_address UNIQUE (app_id, environment, recipient_id, kind, address),
  constraint contact_points_recipient FOREIGN KEY (app_id, environment, recipient_id) REFERENCES recipients(app_id, environment, id) ON DELETE CASCADE,
  constraint contact_points_kind CHECK ((kind = ANY (ARRAY['email'::text, 'phone'::text, 'fcm'::text, 'apns'::text, 'web_push'::text])))
);
CREATE INDEX contact_points_by_address ON public.contact_points USING btree (address);
CREATE INDEX contact_points_by_email ON public.contact_points USING btree (lower(address)) WHERE (kind = 'email'::text);

create table count_changes (
  id bigint generated always as identity not null,
  origin_id uuid not null,
  variant smallint not null,
  bucket text not null,
  n integer not null,
  constraint count_changes_pkey PRIMARY KEY (id)
);

create table counts (
  origin_id uuid not null,
  variant smallint not null,
  bucket text not null,
  n bigint not null,
  updated_at timestamp with time zone default now() not null,
  constraint counts_origin_id_variant_bucket_pk PRIMARY KEY (origin_id, variant, bucket)
);

create table delivery_attempts (
  notification_id uuid not null,
  n smallint not null,
  phase text not null,
  channel text not null,
  provider text not null,
  started_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  outcome text,
  error_code text,
  error text,
  provider_message_id text,
  latency_ms integer,
  rendered jsonb,
  constraint delivery_attempts_notification_id_n_pk PRIMARY KEY (notification_id, n),
  constraint delivery_attempts_accepted_with_id CHECK (((outcome <> 'accepted'::text) OR (provider_message_id IS NOT NULL))),
  constraint delivery_attempts_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text]))),
  constraint delivery_attempts_finished CHECK (((finished_at IS NULL) = (outcome IS NULL))),
  constraint delivery_attempts_outcome CHECK ((outcome = ANY (ARRAY['accepted'::text, 'transient'::text, 'throttled'::text, 'quota'::text, 'in_doubt'::text, 'rejected'::text, 'bad_recipient'::text, 'misconfigured'::text]))),
  constraint delivery_attempts_phase CHECK ((phase = ANY (ARRAY['started'::text, 'written'::text, 'answered'::text])))
) with (autovacuum_vacuum_scale_factor=0.05, fillfactor=85);
CREATE INDEX delivery_attempts_by_end ON public.delivery_attempts USING brin (finished_at timestamptz_minmax_multi_ops) WITH (autosummarize='on', pages_per_range='32');
CREATE INDEX delivery_attempts_by_message ON public.delivery_attempts USING btree (provider_message_id) WHERE (provider_message_id IS NOT NULL);
CREATE INDEX delivery_attempts_open ON public.delivery_attempts USING btree (started_at) WHERE (finished_at IS NULL);

create table event_deliveries (
  event_id uuid not null,
  endpoint_id uuid not null,
  state text default 'pending'::text not null,
  tries smallint default 0 not null,
  next_try_at timestamp with time zone,
  lease_until timestamp with time zone,
  last_tried_at timestamp with time zone,
  last_status integer,
  last_error text,
  last_latency_ms integer,
  created_at timestamp with time zone default now() not null,
  constraint event_deliveries_event_id_endpoint_id_pk PRIMARY KEY (event_id, endpoint_id),
  constraint event_deliveries_due_while_pending CHECK (((state = 'pending'::text) = (next_try_at IS NOT NULL))),
  constraint event_deliveries_state CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text, 'dropped'::text])))
) with (autovacuum_vacuum_scale_factor=0.05, fillfactor=70);
CREATE INDEX event_deliveries_due ON public.event_deliveries USING btree (next_try_at) WHERE (state = 'pending'::text);
CREATE INDEX event_deliveries_due_of ON public.event_deliveries USING btree (endpoint_id, next_try_at) WHERE (state = 'pending'::text);
CREATE INDEX event_deliveries_of ON public.event_deliveries USING btree (endpoint_id, created_at);

create table events (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  type text not null,
  notification_id uuid,
  data jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint events_pkey PRIMARY KEY (id)
);
CREATE INDEX events_by_age ON public.events USING btree (app_id, environment, created_at);
CREATE INDEX events_of ON public.events USING btree (notification_id);

create table import_errors (
  app_id uuid not null,
  environment text not null,
  import_id uuid not null,
  line bigint not null,
  n smallint not null,
  kind text not null,
  path text not null,
  message text not null,
  recipient_id text,
  constraint import_errors_app_id_environment_import_id_line_n_pk PRIMARY KEY (app_id, environment, import_id, line, n),
  constraint import_errors_import FOREIGN KEY (app_id, environment, import_id) REFERENCES imports(app_id, environment, id) ON DELETE CASCADE
);
CREATE INDEX import_errors_of ON public.import_errors USING btree (app_id, environment, recipient_id) WHERE (recipient_id IS NOT NULL);

create table imports (
  id uuid not null,
  app_id uuid not null,
  environment text not null,
  format text not null,
  mode text not null,
  dry_run boolean default false not null,
  resubscribe boolean default false not null,
  layout jsonb,
  head_length integer,
  head_hash bytea,
  "position" bigint default 0 not null,
  read bigint default 0 not null,
  created bigint default 0 not null,
  updated bigint default 0 not null,
  unchanged bigint default 0 not null,
  failed bigint default 0 not null,
  error_kinds jsonb default '{}'::jsonb not null,
  errors_kept integer default 0 not null,
  actor text not null,
  lease_token uuid,
  lease_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  finished_at timestamp with time zone,
  constraint imports_app_id_environment_id_pk PRIMARY KEY (app_id, environment, id),
  constraint imports_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint imports_counts CHECK ((read = (((created + updated) + unchanged) + failed))),
  constraint imports_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint imports_format CHECK ((format = ANY (ARRAY['ndjson'::text, 'csv'::text]))),
  constraint imports_head CHECK (((head_length IS NULL) = (head_hash IS NULL))),
  constraint imports_lease CHECK (((lease_token IS NULL) = (lease_until IS NULL))),
  constraint imports_mode CHECK ((mode = ANY (ARRAY['upsert'::text, 'replace'::text])))
);
CREATE INDEX imports_by_age ON public.imports USING btree (updated_at);
CREATE INDEX imports_list ON public.imports USING btree (app_id, environment, created_at, id);

create table inbox_heads (
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  last bigint not null,
  constraint inbox_heads_app_id_environment_recipient_id_pk PRIMARY KEY (app_id, environment, recipient_id),
  constraint inbox_heads_recipient FOREIGN KEY (app_id, environment, recipient_id) REFERENCES recipients(app_id, environment, id) ON DELETE CASCADE
);

create table inbox_messages (
  notification_id uuid not null,
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  title text not null,
  body text not null,
  url text,
  created_at timestamp with time zone default now() not null,
  seen_at timestamp with time zone,
  read_at timestamp with time zone,
  archived_at timestamp with time zone,
  category text,
  sequence bigint default 0 not null,
  created_sequence bigint default 0 not null,
  snoozed_until timestamp with time zone,
  returned_at timestamp with time zone,
  constraint inbox_messages_pkey PRIMARY KEY (notification_id),
  constraint inbox_messages_recipient FOREIGN KEY (app_id, environment, recipient_id) REFERENCES recipients(app_id, environment, id) ON DELETE CASCADE
);
CREATE INDEX inbox_messages_changed ON public.inbox_messages USING btree (app_id, environment, recipient_id, sequence);
CREATE INDEX inbox_messages_listed ON public.inbox_messages USING btree (app_id, environment, recipient_id, COALESCE(returned_at, created_at), notification_id);
CREATE INDEX inbox_messages_of ON public.inbox_messages USING btree (app_id, environment, recipient_id, created_at);
CREATE INDEX inbox_messages_snoozed ON public.inbox_messages USING btree (snoozed_until) WHERE (snoozed_until IS NOT NULL);
CREATE INDEX inbox_messages_unread ON public.inbox_messages USING btree (app_id, environment, recipient_id, seen_at) WHERE ((read_at IS NULL) AND (archived_at IS NULL) AND (snoozed_until IS NULL));

create table installation (
  only_row boolean default true not null,
  id uuid default gen_random_uuid() not null,
  created_at timestamp with time zone default now() not null,
  restored_to timestamp with time zone,
  restored_at timestamp with time zone,
  reviewed_at timestamp with time zone,
  released_at timestamp with time zone,
  released_by text,
  suspects integer default 0 not null,
  untouched integer default 0 not null,
  constraint installation_pkey PRIMARY KEY (only_row),
  constraint installation_only_row CHECK (only_row),
  constraint installation_released CHECK (((released_at IS NULL) OR (restored_at IS NOT NULL))),
  constraint installation_restored CHECK (((restored_to IS NULL) = (restored_at IS NULL))),
  constraint installation_restored_before CHECK ((restored_to <= restored_at))
);

create table measured_minutes (
  minute timestamp with time zone not null,
  series text not null,
  environment text default ''::text not null,
  label text default ''::text not null,
  value bigint not null,
  buckets integer[],
  constraint measured_minutes_pkey PRIMARY KEY (minute, series, environment, label)
);

create table measured_now (
  part text not null,
  measured_at timestamp with time zone default now() not null,
  measured jsonb not null,
  constraint measured_now_pkey PRIMARY KEY (part)
);

create table notification_history (
  id bigint generated always as identity not null,
  notification_id uuid not null,
  at timestamp with time zone default now() not null,
  state text not null,
  actor text not null,
  reason text not null,
  detail jsonb,
  constraint notification_history_pkey PRIMARY KEY (id),
  constraint notification_history_state CHECK ((state = ANY (ARRAY['scheduled'::text, 'pending'::text, 'queued'::text, 'sending'::text, 'retrying'::text, 'in_doubt'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'dead'::text, 'suppressed'::text, 'skipped'::text, 'cancelled'::text, 'expired'::text])))
);
CREATE INDEX notification_history_of ON public.notification_history USING btree (notification_id, id);

create table notification_order (
  notification_id uuid not null,
  app_id uuid not null,
  environment text not null,
  ordering_key text not null,
  seq bigint generated always as identity not null,
  constraint notification_order_pkey PRIMARY KEY (notification_id),
  constraint notification_order_line UNIQUE (app_id, environment, ordering_key, seq)
);

create table notifications (
  id uuid not null,
  app_id uuid not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  state text not null,
  environment text not null,
  priority text not null,
  channel text not null,
  route text[] not null,
  recipient_id text,
  address jsonb,
  category text,
  template_id uuid,
  template_version integer,
  locale text,
  data jsonb,
  content jsonb,
  options jsonb,
  idempotency_key text not null,
  request_hash bytea not null,
  ordering_key text,
  campaign_id uuid,
  send_at timestamp with time zone,
  expires_at timestamp with time zone,
  queued_at timestamp with time zone,
  next_attempt_at timestamp with time zone,
  attempt_count smallint default 0 not null,
  tries smallint default 0 not null,
  lease_token uuid,
  lease_until timestamp with time zone,
  provider text,
  provider_message_id text,
  error_code text,
  error text,
  rare_state text generated always as (
CASE
    WHEN (state = ANY (ARRAY['scheduled'::text, 'retrying'::text, 'in_doubt'::text, 'dead'::text, 'failed'::text])) THEN state
    ELSE NULL::text
END) stored,
  tried text[],
  redacted_at timestamp with time zone,
  traceparent text,
  origin_id uuid,
  origin_variant smallint,
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_addressed CHECK (((recipient_id IS NOT NULL) OR (address IS NOT NULL))),
  constraint notifications_body CHECK (((template_id IS NULL) <> (content IS NULL))),
  constraint notifications_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text]))),
  constraint notifications_channel_in_route CHECK ((channel = ANY (route))),
  constraint notifications_due CHECK (((state <> ALL (ARRAY['scheduled'::text, 'retrying'::text])) OR (next_attempt_at IS NOT NULL))),
  constraint notifications_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint notifications_lease_ends CHECK (((lease_token IS NULL) = (lease_until IS NULL))),
  constraint notifications_leased CHECK (((state = 'sending'::text) = (lease_token IS NOT NULL))),
  constraint notifications_not_due_when_final CHECK (((NOT (state = ANY (ARRAY['sent'::text, 'delivered'::text, 'failed'::text, 'dead'::text, 'suppressed'::text, 'skipped'::text, 'cancelled'::text, 'expired'::text]))) OR (next_attempt_at IS NULL))),
  constraint notifications_priority CHECK ((priority = ANY (ARRAY['critical'::text, 'normal'::text, 'bulk'::text]))),
  constraint notifications_sent_by_someone CHECK (((state <> ALL (ARRAY['sent'::text, 'delivered'::text])) OR (provider IS NOT NULL))),
  constraint notifications_state CHECK ((state = ANY (ARRAY['scheduled'::text, 'pending'::text, 'queued'::text, 'sending'::text, 'retrying'::text, 'in_doubt'::text, 'sent'::text, 'delivered'::text, 'failed'::text, 'dead'::text, 'suppressed'::text, 'skipped'::text, 'cancelled'::text, 'expired'::text]))),
  constraint notifications_template_pinned CHECK (((template_id IS NULL) = (template_version IS NULL))),
  constraint notifications_tries CHECK (((tries >= 0) AND (tries <= attempt_count)))
) with (autovacuum_analyze_scale_factor=0.05, autovacuum_vacuum_scale_factor=0.02, fillfactor=50);
CREATE INDEX notifications_by_age ON public.notifications USING brin (created_at timestamptz_minmax_multi_ops) WITH (autosummarize='on');
CREATE INDEX notifications_by_app ON public.notifications USING btree (app_id, created_at, id);
CREATE INDEX notifications_by_campaign ON public.notifications USING btree (campaign_id) WHERE (campaign_id IS NOT NULL);
CREATE INDEX notifications_by_email ON public.notifications USING btree (hashtextextended(lower((address ->> 'email'::text)), (0)::bigint), created_at) WHERE (address ? 'email'::text);
CREATE INDEX notifications_by_error ON public.notifications USING btree (app_id, error_code, created_at, id) WHERE (error_code IS NOT NULL);
CREATE INDEX notifications_by_phone ON public.notifications USING btree (hashtextextended((address ->> 'phone'::text), (0)::bigint), created_at) WHERE (address ? 'phone'::text);
CREATE INDEX notifications_by_push ON public.notifications USING btree (hashtextextended(COALESCE((address #>> '{push,fcm_token}'::text[]), (address #>> '{push,apns_token}'::text[]), (address #>> '{push,subscription,endpoint}'::text[])), (0)::bigint), created_at) WHERE (address ? 'push'::text);
CREATE INDEX notifications_by_rare_state ON public.notifications USING btree (rare_state, next_attempt_at, channel) WHERE (rare_state IS NOT NULL);
CREATE INDEX notifications_by_recipient ON public.notifications USING btree (app_id, recipient_id, created_at) WHERE (recipient_id IS NOT NULL);
CREATE INDEX notifications_of_app_by_rare_state ON public.notifications USING btree (app_id, rare_state, created_at, id) WHERE (rare_state IS NOT NULL);
CREATE INDEX notifications_of_origin ON public.notifications USING btree (origin_id, created_at, id) WHERE (origin_id IS NOT NULL);
CREATE INDEX notifications_of_origin_by_rare_state ON public.notifications USING btree (origin_id, rare_state, created_at, id) WHERE ((origin_id IS NOT NULL) AND (rare_state IS NOT NULL));
CREATE INDEX notifications_of_origin_with_error ON public.notifications USING btree (origin_id, created_at, id) WHERE ((origin_id IS NOT NULL) AND (error_code IS NOT NULL));
CREATE INDEX notifications_of_test ON public.notifications USING btree (app_id, created_at, id) WHERE (environment = 'test'::text);
CREATE INDEX notifications_scheduled ON public.notifications USING btree (app_id, environment, next_attempt_at, id) WHERE (rare_state = 'scheduled'::text);

create table origins (
  id uuid not null,
  app_id uuid not null,
  environment text not null,
  kind text not null,
  category text,
  data jsonb default '{}'::jsonb not null,
  events text default 'problems'::text not null,
  created_at timestamp with time zone default now() not null,
  constraint origins_pkey PRIMARY KEY (id),
  constraint origins_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint origins_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint origins_events CHECK ((events = ANY (ARRAY['problems'::text, 'all'::text]))),
  constraint origins_kind CHECK ((kind = 'campaign'::text))
);

create table outbox (
  id bigint generated always as identity not null,
  kind text default 'delivery.requested'::text not null,
  lane text not null,
  ids uuid[] not null,
  available_at timestamp with time zone,
  version smallint default 1 not null,
  trace_context jsonb,
  created_at timestamp with time zone default now() not null,
  app_id uuid default '00000000-0000-0000-0000-000000000000'::uuid not null,
  constraint outbox_pkey PRIMARY KEY (id),
  constraint outbox_ids CHECK (((cardinality(ids) >= 1) AND (cardinality(ids) <= 100))),
  constraint outbox_kind CHECK ((kind = ANY (ARRAY['delivery.requested'::text, 'delivery.resumed'::text, 'event.emitted'::text]))),
  constraint outbox_lane CHECK ((lane = ANY (ARRAY['email-critical'::text, 'sms-critical'::text, 'push-critical'::text, 'in_app-critical'::text, 'email-normal'::text, 'sms-normal'::text, 'push-normal'::text, 'in_app-normal'::text, 'email-bulk'::text, 'sms-bulk'::text, 'push-bulk'::text, 'in_app-bulk'::text, 'events'::text])))
) with (autovacuum_vacuum_insert_threshold=10000, autovacuum_vacuum_scale_factor=0.0, autovacuum_vacuum_threshold=1000);
CREATE INDEX outbox_due ON public.outbox USING btree (lane, COALESCE(available_at, created_at));
CREATE INDEX outbox_due_by_app ON public.outbox USING btree (lane, app_id, COALESCE(available_at, created_at));

create table provider_accounts (
  id text not null,
  provider text not null,
  channel text not null,
  environments text[] not null,
  enabled boolean default true not null,
  "position" integer not null,
  weight integer default 1 not null,
  rate_per_second real,
  prefixes text[] default '{}'::text[] not null,
  settings jsonb default '{}'::jsonb not null,
  credentials bytea,
  data_key bytea,
  key_id text,
  fingerprint text,
  managed_by text not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint provider_accounts_pkey PRIMARY KEY (id),
  constraint provider_accounts_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text]))),
  constraint provider_accounts_managed_by CHECK ((managed_by = ANY (ARRAY['file'::text, 'api'::text]))),
  constraint provider_accounts_position CHECK ((("position" >= 0) AND ("position" <= 1000))),
  constraint provider_accounts_rate CHECK ((rate_per_second > (0)::double precision)),
  constraint provider_accounts_sealed CHECK ((((credentials IS NULL) = (data_key IS NULL)) AND ((credentials IS NULL) = (key_id IS NULL)))),
  constraint provider_accounts_weight CHECK (((weight >= 1) AND (weight <= 1000)))
);

create table provider_logs (
  provider_account text not null,
  event_id text not null,
  received_at timestamp with time zone default now() not null,
  kind text not null,
  notification_id uuid,
  body jsonb not null,
  attempt smallint,
  provider_message_id text,
  applied_at timestamp with time zone,
  constraint provider_logs_provider_account_event_id_pk PRIMARY KEY (provider_account, event_id)
);
CREATE INDEX provider_logs_by_age ON public.provider_logs USING btree (received_at);
CREATE INDEX provider_logs_of ON public.provider_logs USING btree (notification_id) WHERE (notification_id IS NOT NULL);
CREATE INDEX provider_logs_unapplied ON public.provider_logs USING btree (received_at) WHERE (applied_at IS NULL);

create table recipients (
  app_id uuid not null,
  environment text not null,
  id text not null,
  locale text,
  time_zone text,
  attributes jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint recipients_app_id_environment_id_pk PRIMARY KEY (app_id, environment, id),
  constraint recipients_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint recipients_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text])))
);
CREATE INDEX recipients_by_id ON public.recipients USING btree (((((app_id)::text || environment) || id)) COLLATE "C");

create table redis_epoch (
  namespace text not null,
  epoch text not null,
  changed_at timestamp with time zone default now() not null,
  rebuild_from timestamp with time zone,
  constraint redis_epoch_pkey PRIMARY KEY (namespace)
);

create table request_log (
  id bigint generated always as identity not null,
  at timestamp with time zone not null,
  app_id uuid not null,
  environment text not null,
  key_id text not null,
  method text not null,
  route text not null,
  path text not null,
  status integer not null,
  duration_ms integer not null,
  request_id text not null,
  code text,
  detail text,
  errors jsonb,
  body jsonb,
  more integer default 0 not null,
  constraint request_log_pkey PRIMARY KEY (id),
  constraint request_log_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text])))
);
CREATE INDEX request_log_by_age ON public.request_log USING btree (at);
CREATE INDEX request_log_list ON public.request_log USING btree (app_id, environment, id);
CREATE INDEX request_log_problems ON public.request_log USING btree (app_id, environment, id) WHERE (status >= 400);

create table settings_version (
  only_row boolean default true not null,
  version integer default 0 not null,
  constraint settings_version_pkey PRIMARY KEY (only_row),
  constraint settings_version_only_row_check CHECK (only_row)
);

create table staff (
  id uuid default gen_random_uuid() not null,
  email text not null,
  password_hash text,
  role text default 'viewer'::text not null,
  created_at timestamp with time zone default now() not null,
  disabled_at timestamp with time zone,
  one_time_until timestamp with time zone,
  name text default ''::text not null,
  email_verified boolean default true not null,
  image text,
  two_factor_enabled boolean default false not null,
  updated_at timestamp with time zone default now() not null,
  constraint staff_pkey PRIMARY KEY (id),
  constraint staff_email_unique UNIQUE (email),
  constraint staff_role CHECK ((role = ANY (ARRAY['admin'::text, 'operator'::text, 'viewer'::text])))
);

create table staff_credentials (
  id uuid default gen_random_uuid() not null,
  staff_id uuid not null,
  provider text not null,
  account text not null,
  password_hash text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint staff_credentials_pkey PRIMARY KEY (id),
  constraint staff_credentials_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX staff_credentials_account ON public.staff_credentials USING btree (provider, account);
CREATE INDEX staff_credentials_of ON public.staff_credentials USING btree (staff_id);

create table staff_logins (
  id uuid default gen_random_uuid() not null,
  staff_id uuid not null,
  token text not null,
  expires_at timestamp with time zone not null,
  last_seen_at timestamp with time zone default now() not null,
  ip_address text,
  user_agent text,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint staff_logins_pkey PRIMARY KEY (id),
  constraint staff_logins_token_unique UNIQUE (token),
  constraint staff_logins_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);
CREATE INDEX staff_logins_of ON public.staff_logins USING btree (staff_id);

create table staff_rate_limits (
  id uuid default gen_random_uuid() not null,
  key text not null,
  count integer not null,
  last_request bigint not null,
  constraint staff_rate_limits_pkey PRIMARY KEY (id),
  constraint staff_rate_limits_key_unique UNIQUE (key)
);

create table staff_roles (
  id uuid default gen_random_uuid() not null,
  staff_id uuid not null,
  role text not null,
  app_id uuid,
  environment text,
  constraint staff_roles_pkey PRIMARY KEY (id),
  constraint staff_roles_once UNIQUE NULLS NOT DISTINCT (staff_id, role, app_id, environment),
  constraint staff_roles_app_id_fkey FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint staff_roles_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE,
  constraint staff_roles_environment CHECK (((environment IS NULL) OR (environment = ANY (ARRAY['live'::text, 'test'::text])))),
  constraint staff_roles_role CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'support'::text, 'marketer'::text, 'developer'::text, 'viewer'::text, 'auditor'::text])))
);

create table staff_sessions (
  token_hash bytea not null,
  staff_id uuid not null,
  created_at timestamp with time zone default now() not null,
  last_seen_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  constraint staff_sessions_pkey PRIMARY KEY (token_hash),
  constraint staff_sessions_staff_id_staff_id_fk FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);
CREATE INDEX staff_sessions_of ON public.staff_sessions USING btree (staff_id);

create table staff_tokens (
  id uuid default gen_random_uuid() not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint staff_tokens_pkey PRIMARY KEY (id)
);
CREATE INDEX staff_tokens_by_identifier ON public.staff_tokens USING btree (identifier);

create table staff_two_factors (
  id uuid default gen_random_uuid() not null,
  staff_id uuid not null,
  secret text not null,
  recovery_codes text not null,
  verified boolean default true not null,
  failed_count integer default 0 not null,
  locked_until timestamp with time zone,
  used_code text,
  used_at timestamp with time zone,
  constraint staff_two_factors_pkey PRIMARY KEY (id),
  constraint staff_two_factors_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES staff(id) ON DELETE CASCADE
);
CREATE INDEX staff_two_factors_of ON public.staff_two_factors USING btree (staff_id);

create table stops (
  origin_id uuid not null,
  mode text not null,
  at timestamp with time zone default now() not null,
  moved_at timestamp with time zone,
  constraint stops_pkey PRIMARY KEY (origin_id),
  constraint stops_mode CHECK ((mode = ANY (ARRAY['paused'::text, 'cancelled'::text])))
);

create table suppressions (
  app_id uuid not null,
  environment text not null,
  channel text not null,
  address_hash bytea not null,
  reason text not null,
  detail text,
  created_at timestamp with time zone default now() not null,
  added_by text,
  provider_account text,
  event_id text,
  notification_id uuid,
  attempt smallint,
  constraint suppressions_app_id_environment_channel_address_hash_pk PRIMARY KEY (app_id, environment, channel, address_hash),
  constraint suppressions_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text]))),
  constraint suppressions_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint suppressions_reason CHECK ((reason = ANY (ARRAY['bounce'::text, 'complaint'::text, 'stop'::text, 'unsubscribe'::text, 'manual'::text, 'erased'::text])))
);
CREATE INDEX suppressions_by_age ON public.suppressions USING btree (app_id, environment, created_at, channel, address_hash);

create table template_drafts (
  template_id uuid not null,
  texts jsonb not null,
  based_on integer not null,
  updated_by text not null,
  updated_at timestamp with time zone default now() not null,
  parts jsonb default '[]'::jsonb not null,
  constraint template_drafts_pkey PRIMARY KEY (template_id),
  constraint template_drafts_template_id_fkey FOREIGN KEY (template_id) REFERENCES templates(id)
);

create table template_part_versions (
  app_id uuid not null,
  environment text not null,
  kind text not null,
  key text not null,
  version integer not null,
  texts jsonb not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  constraint template_part_versions_app_id_environment_kind_key_version_pk PRIMARY KEY (app_id, environment, kind, key, version),
  constraint template_part_versions_part FOREIGN KEY (app_id, environment, kind, key) REFERENCES template_parts(app_id, environment, kind, key) ON DELETE CASCADE
);

create table template_parts (
  app_id uuid not null,
  environment text not null,
  kind text not null,
  key text not null,
  version integer not null,
  texts jsonb not null,
  parts jsonb default '[]'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  updated_by text not null,
  constraint template_parts_app_id_environment_kind_key_pk PRIMARY KEY (app_id, environment, kind, key),
  constraint template_parts_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint template_parts_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint template_parts_kind CHECK ((kind = ANY (ARRAY['layout'::text, 'partial'::text])))
);

create table template_versions (
  template_id uuid not null,
  version integer not null,
  channel text not null,
  locale text not null,
  content jsonb not null,
  required_variables text[] not null,
  created_by text not null,
  created_at timestamp with time zone default now() not null,
  restored_from integer,
  source jsonb,
  parts jsonb default '[]'::jsonb not null,
  engine_version smallint default 1 not null,
  constraint template_versions_template_id_version_channel_locale_pk PRIMARY KEY (template_id, version, channel, locale),
  constraint template_versions_template_id_templates_id_fk FOREIGN KEY (template_id) REFERENCES templates(id),
  constraint template_versions_channel CHECK ((channel = ANY (ARRAY['email'::text, 'sms'::text, 'push'::text, 'in_app'::text])))
);

create table templates (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  key text not null,
  published_version integer not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint templates_pkey PRIMARY KEY (id),
  constraint templates_key UNIQUE (app_id, environment, key),
  constraint templates_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint templates_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text])))
);

create table user_preferences (
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  channels jsonb default '{}'::jsonb not null,
  categories jsonb default '{}'::jsonb not null,
  quiet_hours jsonb,
  caps jsonb default '[]'::jsonb not null,
  updated_at timestamp with time zone default now() not null,
  paused_until timestamp with time zone,
  constraint user_preferences_app_id_environment_recipient_id_pk PRIMARY KEY (app_id, environment, recipient_id),
  constraint user_preferences_recipient FOREIGN KEY (app_id, environment, recipient_id) REFERENCES recipients(app_id, environment, id) ON DELETE CASCADE
);

create table webhook_endpoints (
  id uuid default gen_random_uuid() not null,
  app_id uuid not null,
  environment text not null,
  url text not null,
  description text,
  event_types text[] default '{}'::text[] not null,
  secret bytea not null,
  data_key bytea not null,
  key_id text not null,
  previous_secret bytea,
  previous_data_key bytea,
  previous_key_id text,
  previous_until timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  failing_since timestamp with time zone,
  disabled_at timestamp with time zone,
  disabled_reason text,
  older_secrets jsonb default '[]'::jsonb not null,
  constraint webhook_endpoints_pkey PRIMARY KEY (id),
  constraint webhook_endpoints_app_id_apps_id_fk FOREIGN KEY (app_id) REFERENCES apps(id),
  constraint webhook_endpoints_environment CHECK ((environment = ANY (ARRAY['live'::text, 'test'::text]))),
  constraint webhook_endpoints_previous CHECK ((((previous_secret IS NULL) = (previous_until IS NULL)) AND ((previous_secret IS NULL) = (previous_data_key IS NULL))))
);
CREATE INDEX webhook_endpoints_of ON public.webhook_endpoints USING btree (app_id, environment);

CREATE OR REPLACE FUNCTION public.audit_log_chain()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  previous bytea;
begin
  -- One writer at a time, so that every row has exactly one predecessor.
  perform pg_advisory_xact_lock(hashtext('carillon.audit_log'));
  -- The default took its id before the lock: two writers could chain in the other order.
  new.id := nextval(pg_get_serial_sequence('audit_log', 'id'));
  select hash into previous from audit_log order by id desc limit 1;
  new.hash := sha256(
    coalesce(previous, '\x'::bytea)
    || convert_to(
      concat_ws('|', new.id, extract(epoch from new.at), new.app_id, new.actor, new.action, new.subject, new.detail::text),
      'UTF8'
    )
  );
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.audit_log_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'audit_log is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $function$;

CREATE OR REPLACE FUNCTION public.circuit_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform emit_event(app_id, environment, case new.state when 'open' then 'provider.circuit_opened' else 'provider.circuit_closed' end, null,
    jsonb_strip_nulls(jsonb_build_object('account', new.account, 'channel', new.channel, 'reason', new.reason, 'by_hand', new.held_by is not null)))
  from (select distinct app_id, environment from webhook_endpoints) as listening;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.emit_event(app uuid, env text, event_type text, notification uuid, event_data jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  with wanted as (
    select bool_or(e.disabled_at is null) as now
    from webhook_endpoints e
    where e.app_id = app and e.environment = env and (e.event_types = '{}' or event_type = any (e.event_types))
    having count(*) > 0
  ), event as (
    insert into events (app_id, environment, type, notification_id, data)
    select app, env, event_type, notification, event_data from wanted
    returning id
  )
  insert into outbox (kind, lane, ids)
  select 'event.emitted', 'events', array[event.id] from event cross join wanted where wanted.now
$function$;

CREATE OR REPLACE FUNCTION public.note_listeners()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform set_config('carillon.anybody_listens', case when exists (select from webhook_endpoints) then 'yes' else 'no' end, true);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.notification_event()
 RETURNS trigger
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
begin
  if new.origin_id is not null and new.state not in ('failed', 'dead', 'in_doubt')
    and exists (select from origins o where o.id = new.origin_id and o.events = 'problems')
  then
    return null;
  end if;
  if exists (select from webhook_endpoints e where e.app_id = new.app_id and e.environment = new.environment) then
    if new.state = 'in_doubt' then
      if exists (
        select from events e
        where e.notification_id = new.id and e.type = 'notification.in_doubt'
          and e.data ->> 'attempts' = new.attempt_count::text
      ) then
        return null;
      end if;
    end if;
    perform emit_event(new.app_id, new.environment, 'notification.' || new.state, new.id, jsonb_strip_nulls(jsonb_build_object(
      'notification_id', new.id, 'status', new.state, 'channel', new.channel, 'priority', new.priority,
      'category', new.category, 'recipient_id', new.recipient_id, 'campaign_id', coalesce(new.origin_id, new.campaign_id),
      'provider', new.provider, 'provider_message_id', new.provider_message_id, 'attempts', new.attempt_count,
      'error', case when new.error_code is not null then jsonb_build_object('code', new.error_code, 'message', new.error) end,
      'metadata', new.options -> 'metadata', 'created_at', new.created_at
    )));
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.raise_settings_version()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update settings_version set version = version + 1;
  return null;
end $function$;

CREATE TRIGGER audit_log_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION audit_log_is_append_only();
CREATE TRIGGER audit_log_chain BEFORE INSERT ON public.audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_chain();
CREATE TRIGGER settings_version AFTER INSERT OR DELETE OR UPDATE ON public.categories FOR EACH ROW EXECUTE FUNCTION raise_settings_version();
CREATE TRIGGER circuit_event AFTER UPDATE OF state ON public.circuit_breakers FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) AND (new.state = ANY (ARRAY['open'::text, 'closed'::text])))) EXECUTE FUNCTION circuit_event();
CREATE TRIGGER note_listeners BEFORE UPDATE OF state ON public.notifications FOR EACH STATEMENT EXECUTE FUNCTION note_listeners();
CREATE TRIGGER notification_event AFTER UPDATE OF state ON public.notifications FOR EACH ROW WHEN (((old.state IS DISTINCT FROM new.state) AND (new.state = ANY (ARRAY['sent'::text, 'delivered'::text, 'failed'::text, 'dead'::text, 'in_doubt'::text, 'suppressed'::text, 'expired'::text])) AND (current_setting('carillon.anybody_listens'::text, true) IS DISTINCT FROM 'no'::text))) EXECUTE FUNCTION notification_event();
CREATE TRIGGER settings_version AFTER INSERT OR DELETE OR UPDATE ON public.provider_accounts FOR EACH ROW EXECUTE FUNCTION raise_settings_version();
