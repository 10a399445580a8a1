-- One event and its outbox row, where an endpoint wants events of this type. While the only such endpoints are disabled the
-- event waits without an outbox row, until a replay or the end of its retention. Called by the triggers next to this file
-- and by db/receipts for what is no change of state (opens, clicks, bounces).
create or replace function emit_event(app uuid, env text, event_type text, notification uuid, event_data jsonb)
 returns void
 language sql
as $function$
  with wanted as (
    select bool_or(e.disabled_at is null) as now
    from webhook_endpoints e
    where e.app_id = app and e.environment = env and (e.event_types = '{}' or event_type = any (e.event_types))
    having count(*) > 0
  ), event as (
    insert into events (app_id, environment, type, notification_id, data)
    select app, env, event_type, notification, event_data from wanted
    returning id
  )
  insert into outbox (kind, lane, ids)
  select 'event.emitted', 'events', array[event.id] from event cross join wanted where wanted.now
$function$;
