-- The figures of the overview: what a minute had, and what was measured last. A few rows a minute, kept for two days.
create table measured_minutes (
  minute timestamptz not null,
  series text not null,
  environment text not null default '',
  label text not null default '',
  value bigint not null,
  buckets integer[],
  primary key (minute, series, environment, label)
);
--> statement-breakpoint
create table measured_now (
  part text primary key,
  measured_at timestamptz not null default now(),
  measured jsonb not null
);
--> statement-breakpoint
-- Requests of the last day by API key, without what they said.
create table request_log (
  id bigint primary key generated always as identity,
  at timestamptz not null,
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
  more integer not null default 0,
  constraint request_log_environment check (environment in ('live', 'test'))
);
--> statement-breakpoint
create index request_log_list on request_log (app_id, environment, id);
--> statement-breakpoint
create index request_log_problems on request_log (app_id, environment, id) where status >= 400;
--> statement-breakpoint
create index request_log_by_age on request_log (at);
--> statement-breakpoint
-- Serves "calls that ended in this minute". BRIN: no entry per row, so that recording an outcome costs no more.
-- db/migrate.ts builds it without blocking writes before it comes here.
create index if not exists delivery_attempts_by_end on delivery_attempts using brin (finished_at timestamptz_minmax_multi_ops) with (autosummarize = on, pages_per_range = 32);
