-- Campaigns: one template to an audience. Its id is that of its origin.
create table campaigns (
  id uuid primary key,
  app_id uuid not null,
  environment text not null,
  name text not null,
  state text not null default 'draft',
  definition jsonb not null,
  schedule jsonb,
  throttle_per_minute integer,
  expires_at timestamptz,
  version integer not null default 1,
  content jsonb,
  starts_at timestamptz,
  frozen_upto text,
  frozen_at timestamptz,
  tokens double precision not null default 0,
  tokens_at timestamptz,
  created_by text not null,
  approved_by text,
  approved_version integer,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  constraint campaigns_environment check (environment in ('live', 'test')),
  constraint campaigns_state check (state in ('draft', 'scheduled', 'running', 'paused', 'done', 'cancelled', 'failed')),
  constraint campaigns_throttle check (throttle_per_minute between 1 and 10000000),
  constraint campaigns_app_id_apps_id_fk foreign key (app_id) references apps (id)
);
--> statement-breakpoint
-- The frozen audience, in parts.
create table campaign_chunks (
  campaign_id uuid not null,
  n integer not null,
  due_at timestamptz not null,
  recipient_ids text[] not null,
  made_upto integer not null default 0,
  state text not null default 'open',
  constraint campaign_chunks_campaign_id_n_pk primary key (campaign_id, n),
  constraint campaign_chunks_state check (state in ('open', 'done')),
  constraint campaign_chunks_ids check (cardinality(recipient_ids) between 1 and 1000),
  constraint campaign_chunks_made check (made_upto between 0 and cardinality(recipient_ids)),
  constraint campaign_chunks_campaign_id_campaigns_id_fk foreign key (campaign_id) references campaigns (id) on delete cascade
);
--> statement-breakpoint
create table campaign_not_made (
  campaign_id uuid not null,
  recipient_id text not null,
  reason text not null,
  detail text,
  constraint campaign_not_made_campaign_id_recipient_id_pk primary key (campaign_id, recipient_id),
  constraint campaign_not_made_campaign_id_campaigns_id_fk foreign key (campaign_id) references campaigns (id) on delete cascade
);
--> statement-breakpoint
create table campaign_reviews (
  campaign_id uuid primary key,
  fingerprint text not null,
  state text not null default 'counting',
  requested_by text not null,
  requested_at timestamptz not null default now(),
  lease_until timestamptz,
  counted_at timestamptz,
  result jsonb,
  error text,
  constraint campaign_reviews_state check (state in ('counting', 'done', 'failed')),
  constraint campaign_reviews_campaign_id_campaigns_id_fk foreign key (campaign_id) references campaigns (id) on delete cascade
);
--> statement-breakpoint
-- Changes of `counts` that are not added yet: only inserted, so that no row is hot.
create table count_changes (
  id bigint primary key generated always as identity,
  origin_id uuid not null,
  variant smallint not null,
  bucket text not null,
  n integer not null
);
--> statement-breakpoint
create table counts (
  origin_id uuid not null,
  variant smallint not null,
  bucket text not null,
  n bigint not null,
  updated_at timestamptz not null default now(),
  constraint counts_origin_id_variant_bucket_pk primary key (origin_id, variant, bucket)
);
--> statement-breakpoint
-- What many notifications came from, and what they share.
create table origins (
  id uuid primary key,
  app_id uuid not null,
  environment text not null,
  kind text not null,
  category text,
  data jsonb not null default '{}',
  events text not null default 'problems',
  created_at timestamptz not null default now(),
  constraint origins_environment check (environment in ('live', 'test')),
  constraint origins_kind check (kind in ('campaign')),
  constraint origins_events check (events in ('problems', 'all')),
  constraint origins_app_id_apps_id_fk foreign key (app_id) references apps (id)
);
--> statement-breakpoint
-- Origins whose notifications are not sent: the only switch.
create table stops (
  origin_id uuid primary key,
  mode text not null,
  at timestamptz not null default now(),
  moved_at timestamptz,
  constraint stops_mode check (mode in ('paused', 'cancelled'))
);
--> statement-breakpoint
alter table apps add column approves_campaigns boolean not null default false;
--> statement-breakpoint
alter table notifications
  add column origin_id uuid,
  add column origin_variant smallint;
--> statement-breakpoint
create index campaign_chunks_due on campaign_chunks (campaign_id, due_at, n) where state = 'open';
--> statement-breakpoint
create index campaign_not_made_by_reason on campaign_not_made (campaign_id, reason, recipient_id);
--> statement-breakpoint
create index campaign_reviews_wanted on campaign_reviews (requested_at) where state = 'counting';
--> statement-breakpoint
create index campaigns_by_age on campaigns (app_id, environment, created_at, id);
--> statement-breakpoint
create index campaigns_at_work on campaigns (state, starts_at) where state in ('scheduled', 'running', 'paused');
--> statement-breakpoint
-- A campaign announces only what somebody must look at, unless it was made to announce all.
create or replace function notification_event()
 returns trigger
 language plpgsql
 set plan_cache_mode = force_generic_plan
as $function$
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
