-- Serves a person's inbox, newest first. db/migrate.ts builds these without blocking writes before it comes here.
create index if not exists inbox_messages_listed on inbox_messages (app_id, environment, recipient_id, (coalesce(returned_at, created_at)), notification_id);
--> statement-breakpoint
-- Serves streams: "what changed after this number?"
create index if not exists inbox_messages_changed on inbox_messages (app_id, environment, recipient_id, sequence);
--> statement-breakpoint
-- Serves the counts of unread and unseen messages: what is unseen is unread too.
create index if not exists inbox_messages_unread on inbox_messages (app_id, environment, recipient_id, seen_at) where read_at is null and archived_at is null and snoozed_until is null;
--> statement-breakpoint
-- Serves the end of snoozes.
create index if not exists inbox_messages_snoozed on inbox_messages (snoozed_until) where snoozed_until is not null;
