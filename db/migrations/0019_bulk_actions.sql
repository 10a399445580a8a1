-- Requests that move every notification a filter matches, and how far each has come.
create table bulk_actions (
  id uuid primary key default gen_random_uuid(),
  app_id uuid not null references apps (id),
  environment text not null,
  idempotency_key text,
  request_hash bytea not null,
  action text not null,
  filter jsonb not null,
  send_at timestamptz,
  accept_duplicate_risk boolean not null default false,
  dry_run boolean not null default false,
  rate_per_second integer not null,
  state text not null,
  matched integer not null,
  matched_completely boolean not null,
  done integer not null default 0,
  skipped jsonb not null default '{}',
  position_at timestamptz,
  position_id uuid,
  actor text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  constraint bulk_actions_environment check (environment in ('live', 'test')),
  constraint bulk_actions_action check (action in ('retry', 'cancel', 'reschedule')),
  constraint bulk_actions_state check (state in ('running', 'done', 'stopped')),
  constraint bulk_actions_send_at check ((action = 'reschedule') = (send_at is not null)),
  constraint bulk_actions_finished check ((state = 'running') = (finished_at is null)),
  constraint bulk_actions_position check ((position_at is null) = (position_id is null))
);
--> statement-breakpoint
create unique index bulk_actions_key on bulk_actions (app_id, environment, idempotency_key)
  where idempotency_key is not null;
--> statement-breakpoint
create index bulk_actions_list on bulk_actions (app_id, environment, created_at, id);
--> statement-breakpoint
create index bulk_actions_running on bulk_actions (created_at) where state = 'running';
