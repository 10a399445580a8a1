-- Workers keep categories and provider accounts in memory. A claim returns this number with its rows: a worker whose copy
-- is older reads again first, so that the first message accepted after a change was answered is treated by it. One row,
-- so changes of settings commit one after the other; they are few, and made by people.
create table settings_version (
  only_row boolean primary key default true check (only_row),
  version integer not null default 0
);
--> statement-breakpoint
insert into settings_version default values;
--> statement-breakpoint
create function raise_settings_version() returns trigger language plpgsql as $$
begin
  update settings_version set version = version + 1;
  return null;
end $$;
--> statement-breakpoint
create trigger settings_version after insert or update or delete on categories for each row
  execute function raise_settings_version();
--> statement-breakpoint
create trigger settings_version after insert or update or delete on provider_accounts for each row
  execute function raise_settings_version();
