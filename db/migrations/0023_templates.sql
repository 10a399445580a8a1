-- Drafts of templates, at most one of each; which version a rollback published again; what people see of a category, what
-- holds for those who said nothing and whether they can opt out at all; how an app looks on the pages of its recipients.
create table template_drafts (
  template_id uuid primary key references templates (id),
  texts jsonb not null,
  based_on integer not null,
  updated_by text not null,
  updated_at timestamptz not null default now()
);
--> statement-breakpoint
alter table template_versions add column restored_from integer;
--> statement-breakpoint
alter table categories
  add column titles jsonb not null default '{}',
  add column descriptions jsonb not null default '{}',
  add column default_on boolean not null default true,
  add column locked boolean not null default false;
--> statement-breakpoint
alter table apps add column brand jsonb;
