-- Whose notifications an outbox row has: in bulk lanes the apps with work take turns. Rows of the release before belong to
-- none.
alter table outbox add column app_id uuid not null default '00000000-0000-0000-0000-000000000000';
