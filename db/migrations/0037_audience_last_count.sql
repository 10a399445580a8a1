-- How many belonged to an audience when it was counted exactly for the last time: lists show it without counting.
alter table audiences add column last_count integer, add column last_counted_at timestamptz;
