-- A person pauses everything until a time: what comes meanwhile is held, as in quiet hours. The release before ignores it.
alter table user_preferences add column paused_until timestamptz;
