-- What a person does with in-app messages, and in which order: every change of an inbox has a number, taken from the row of
-- its recipient. Messages that the release before stores beside this one have none (0): lists show them, streams do not.
create table inbox_heads (
  app_id uuid not null,
  environment text not null,
  recipient_id text not null,
  last bigint not null,
  constraint inbox_heads_app_id_environment_recipient_id_pk primary key (app_id, environment, recipient_id),
  constraint inbox_heads_recipient foreign key (app_id, environment, recipient_id)
    references recipients (app_id, environment, id) on delete cascade
);
--> statement-breakpoint
alter table inbox_messages
  add column category text,
  add column sequence bigint not null default 0,
  add column created_sequence bigint not null default 0,
  add column snoozed_until timestamptz,
  add column returned_at timestamptz;
--> statement-breakpoint
-- Origins of the web pages that may use tokens of an app's recipients.
alter table apps add column allowed_origins text[] not null default '{}';
