create index if not exists notifications_of_origin on notifications (origin_id, created_at, id) where origin_id is not null;
--> statement-breakpoint
create index if not exists notifications_of_origin_by_rare_state on notifications (origin_id, rare_state, created_at, id) where origin_id is not null and rare_state is not null;
--> statement-breakpoint
create index if not exists notifications_of_origin_with_error on notifications (origin_id, created_at, id) where origin_id is not null and error_code is not null;
