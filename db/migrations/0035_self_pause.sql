-- A campaign pauses itself once: a person who resumes it has looked at it.
alter table campaigns add column self_paused_at timestamptz;
