-- Which installation a database belongs to, so that a backup of another one is recognised, and the last restore: until a person
-- has released it, bulk messages stay and calls that may have been made after the backup are doubts. One row.
create table installation (
  only_row boolean primary key default true,
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now(),
  restored_to timestamptz,
  restored_at timestamptz,
  reviewed_at timestamptz,
  released_at timestamptz,
  released_by text,
  suspects integer not null default 0,
  untouched integer not null default 0,
  constraint installation_only_row check (only_row),
  constraint installation_restored check ((restored_to is null) = (restored_at is null)),
  constraint installation_restored_before check (restored_to <= restored_at),
  constraint installation_released check (released_at is null or restored_at is not null)
);
--> statement-breakpoint
insert into installation default values;
