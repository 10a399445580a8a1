-- Serve lists of notifications by a filter that few of the newest ones meet: a page then reads what it shows, not what lies
-- between. None of them touches the happy path of live messages, which has no rare state and no error code; a test or a scheduled
-- message pays for its own entry. db/migrate.ts builds these without blocking writes before it comes here, where the table is
-- there already.
create index if not exists notifications_of_app_by_rare_state on notifications (app_id, rare_state, created_at, id) where rare_state is not null;
--> statement-breakpoint
create index if not exists notifications_by_error on notifications (app_id, error_code, created_at, id) where error_code is not null;
--> statement-breakpoint
-- Serves the calendar of what is scheduled, in the order in which it is sent.
create index if not exists notifications_scheduled on notifications (app_id, environment, next_attempt_at, id) where rare_state = 'scheduled';
--> statement-breakpoint
create index if not exists notifications_of_test on notifications (app_id, created_at, id) where environment = 'test';
