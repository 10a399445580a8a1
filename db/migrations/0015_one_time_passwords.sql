-- Until when a one-time password, made by an admin, opens the page for a new password. Null: the owner chose the password.
-- An earlier release ignores it and takes the password as an ordinary one.
alter table staff add column one_time_until timestamptz;
--> statement-breakpoint
-- The key that a rotation made in this one's place. No foreign key: it is for people, and rows of keys are never removed.
alter table api_keys add column replaced_by text;
