-- Where an app's people are, unless a recipient has a zone of its own: times without a zone in templates. Null means UTC.
alter table apps add column time_zone text;
