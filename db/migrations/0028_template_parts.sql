-- Layouts and partials, which templates have in common. A published version holds what was made of them, so that it renders for
-- ever as it did; it also says what its author wrote, which parts are in it, and with which filters it is rendered: versions
-- that exist have those of engine 1.
create table template_parts (
  app_id uuid not null,
  environment text not null,
  kind text not null,
  key text not null,
  version integer not null,
  texts jsonb not null,
  parts jsonb not null default '[]',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  updated_by text not null,
  constraint template_parts_app_id_environment_kind_key_pk primary key (app_id, environment, kind, key),
  constraint template_parts_app_id_apps_id_fk foreign key (app_id) references apps (id),
  constraint template_parts_kind check (kind in ('layout', 'partial')),
  constraint template_parts_environment check (environment in ('live', 'test'))
);
--> statement-breakpoint
alter table template_versions
  add column source jsonb,
  add column parts jsonb not null default '[]',
  add column engine_version smallint not null default 1;
--> statement-breakpoint
alter table template_drafts add column parts jsonb not null default '[]';
