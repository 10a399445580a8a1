-- Serve the search for messages by an address that the request gave itself. Expressions over the row: no column to fill, rows
-- of earlier releases are found at once, and erasure, which replaces the address, takes it out of the index as well.
-- db/migrate.ts builds these without blocking writes before it comes here, where the tables are there already.
create index if not exists notifications_by_email on notifications (hashtextextended(lower(address ->> 'email'), 0), created_at) where address ? 'email';
--> statement-breakpoint
create index if not exists notifications_by_phone on notifications (hashtextextended(address ->> 'phone', 0), created_at) where address ? 'phone';
--> statement-breakpoint
create index if not exists notifications_by_push on notifications (hashtextextended(coalesce(address #>> '{push,fcm_token}', address #>> '{push,apns_token}', address #>> '{push,subscription,endpoint}'), 0), created_at) where address ? 'push';
--> statement-breakpoint
-- Serves the search for people by an e-mail address in any case.
create index if not exists contact_points_by_email on contact_points (lower(address)) where kind = 'email';
--> statement-breakpoint
-- Serves the list of recipients by the beginning of their ids, in the order of bytes whatever the collation is. One text, so that
-- no look-up of one recipient can take it for the primary key: uuids have one length, and so have both environments.
create index if not exists recipients_by_id on recipients ((app_id::text || environment || id) collate "C");
