-- Serves the claim of events and the search for lost ones: what is due for this endpoint, oldest first, whatever waits for
-- the others. The partial index is small, but PostgreSQL reads the whole table to build it and refuses writes meanwhile,
-- which only delays events. To avoid that on a large table, build the same index with CONCURRENTLY before the upgrade.
create index if not exists event_deliveries_due_of on event_deliveries (endpoint_id, next_try_at) where state = 'pending';
--> statement-breakpoint
-- Secrets before the one in previous_secret, while their own overlap lasts: [{"secret", "data_key" (base64), "key_id", "until"}].
-- Older processes leave the column alone.
alter table webhook_endpoints add column older_secrets jsonb not null default '[]';
