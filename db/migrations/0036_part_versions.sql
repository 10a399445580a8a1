-- Earlier versions of layouts and partials, so that people see what changed and can go back. The current version stays in
-- template_parts: the release before goes on writing there, and what it replaces is not kept.
create table template_part_versions (
  app_id uuid not null,
  environment text not null,
  kind text not null,
  key text not null,
  version integer not null,
  texts jsonb not null,
  created_at timestamptz not null,
  created_by text not null,
  constraint template_part_versions_app_id_environment_kind_key_version_pk
    primary key (app_id, environment, kind, key, version),
  constraint template_part_versions_part foreign key (app_id, environment, kind, key)
    references template_parts (app_id, environment, kind, key) on delete cascade
);
--> statement-breakpoint
-- Who changed content, audience or schedule of a campaign last; null for one that was not changed since this is noted.
alter table campaigns add column updated_by text;
