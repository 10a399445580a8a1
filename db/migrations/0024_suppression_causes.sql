-- Who added a suppression, and which receipt or answer of a provider caused it. All null in rows of earlier releases, which
-- go on writing rows without them beside this one.
alter table suppressions add column added_by text, add column provider_account text, add column event_id text, add column notification_id uuid, add column attempt smallint;
--> statement-breakpoint
-- Serves the newest-first list of suppressions. db/migrate.ts builds it without blocking writes before it comes here.
create index if not exists suppressions_by_age on suppressions (app_id, environment, created_at, channel, address_hash);
