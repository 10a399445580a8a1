-- Serves the relay of bulk lanes: the same of each app. db/migrate.ts builds it without blocking writes before it comes here.
create index if not exists outbox_due_by_app on outbox (lane, app_id, (coalesce(available_at, created_at)));
