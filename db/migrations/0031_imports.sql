-- Uploads of recipients: how far each has come, and the lines that were refused.
create table imports (
  id uuid not null,
  app_id uuid not null,
  environment text not null,
  format text not null,
  mode text not null,
  dry_run boolean not null default false,
  resubscribe boolean not null default false,
  layout jsonb,
  head_length integer,
  head_hash bytea,
  position bigint not null default 0,
  read bigint not null default 0,
  created bigint not null default 0,
  updated bigint not null default 0,
  unchanged bigint not null default 0,
  failed bigint not null default 0,
  error_kinds jsonb not null default '{}',
  errors_kept integer not null default 0,
  actor text not null,
  lease_token uuid,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint imports_app_id_environment_id_pk primary key (app_id, environment, id),
  constraint imports_app_id_apps_id_fk foreign key (app_id) references apps (id),
  constraint imports_environment check (environment in ('live', 'test')),
  constraint imports_format check (format in ('ndjson', 'csv')),
  constraint imports_mode check (mode in ('upsert', 'replace')),
  constraint imports_counts check (read = created + updated + unchanged + failed),
  constraint imports_head check ((head_length is null) = (head_hash is null)),
  constraint imports_lease check ((lease_token is null) = (lease_until is null))
);
--> statement-breakpoint
create index imports_list on imports (app_id, environment, created_at, id);
--> statement-breakpoint
-- Serves prune.
create index imports_by_age on imports (updated_at);
--> statement-breakpoint
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
  constraint import_errors_app_id_environment_import_id_line_n_pk primary key (app_id, environment, import_id, line, n),
  constraint import_errors_import foreign key (app_id, environment, import_id)
    references imports (app_id, environment, id) on delete cascade
);
--> statement-breakpoint
-- Serves the erasure of a person.
create index import_errors_of on import_errors (app_id, environment, recipient_id) where recipient_id is not null;
