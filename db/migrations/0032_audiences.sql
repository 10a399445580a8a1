-- Who campaigns are for: saved filters over recipients, and lists of them.
create table audiences (
  id uuid primary key default gen_random_uuid(),
  app_id uuid not null,
  environment text not null,
  key text not null,
  name text not null,
  kind text not null,
  filter jsonb,
  uses text[] not null default '{}',
  updated_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint audiences_key unique (app_id, environment, key),
  constraint audiences_environment check (environment in ('live', 'test')),
  constraint audiences_kind check (kind in ('filter', 'list')),
  constraint audiences_filter check ((kind = 'filter') = (filter is not null)),
  constraint audiences_app_id_apps_id_fk foreign key (app_id) references apps (id)
);
--> statement-breakpoint
create table audience_members (
  audience_id uuid not null,
  recipient_id text not null,
  app_id uuid not null,
  environment text not null,
  added_at timestamptz not null default now(),
  constraint audience_members_audience_id_recipient_id_pk primary key (audience_id, recipient_id),
  constraint audience_members_audience_id_audiences_id_fk foreign key (audience_id)
    references audiences (id) on delete cascade,
  constraint audience_members_recipient foreign key (app_id, environment, recipient_id)
    references recipients (app_id, environment, id) on delete cascade
);
--> statement-breakpoint
create index audience_members_of on audience_members (app_id, environment, recipient_id);
