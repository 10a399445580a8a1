-- Events for customers' endpoints are written by the database itself, in the commit of the change they tell of, whoever
-- makes it: a state can change without its event only if the commit is lost too. Nothing is written for apps without an
-- endpoint that wants it.

-- One event and its outbox row. Called by the trigger below and by what is no change of state (opens, clicks, bounces).
create function emit_event(
  app uuid, env text, event_type text, notification uuid, event_data jsonb
) returns void language sql as $$
  with event as (
    insert into events (app_id, environment, type, notification_id, data)
    select app, env, event_type, notification, event_data
    where exists (
      select from webhook_endpoints e
      where e.app_id = app and e.environment = env and e.disabled_at is null
        and (e.event_types = '{}' or event_type = any (e.event_types))
    )
    returning id
  )
  insert into outbox (kind, lane, ids) select 'event.emitted', 'events', array[id] from event
$$;
--> statement-breakpoint
-- A plan kept for ever: the worker's connections plan each statement anew, and this runs once per row.
create function notification_event() returns trigger language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  if exists (select from webhook_endpoints e where e.app_id = new.app_id and e.environment = new.environment and e.disabled_at is null) then
    perform emit_event(new.app_id, new.environment, 'notification.' || new.state, new.id, jsonb_strip_nulls(jsonb_build_object(
      'notification_id', new.id, 'status', new.state, 'channel', new.channel, 'priority', new.priority,
      'category', new.category, 'recipient_id', new.recipient_id, 'campaign_id', new.campaign_id,
      'provider', new.provider, 'provider_message_id', new.provider_message_id, 'attempts', new.attempt_count,
      'error', case when new.error_code is not null then jsonb_build_object('code', new.error_code, 'message', new.error) end,
      'metadata', new.options -> 'metadata', 'created_at', new.created_at
    )));
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger notification_event after update of state on notifications for each row
  when (old.state is distinct from new.state
    and new.state in ('sent', 'delivered', 'failed', 'dead', 'in_doubt', 'suppressed', 'expired'))
  execute function notification_event();
--> statement-breakpoint
alter table event_deliveries set (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);
