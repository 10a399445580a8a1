-- Workers keep categories and provider accounts in memory. A claim returns this number with its rows; a worker with an
-- older copy reads again first.
create or replace function raise_settings_version()
 returns trigger
 language plpgsql
as $function$
begin
  update settings_version set version = version + 1;
  return null;
end $function$;

create or replace trigger settings_version after insert or delete or update on categories
  for each row
  execute function raise_settings_version();
create or replace trigger settings_version after insert or delete or update on provider_accounts
  for each row
  execute function raise_settings_version();
