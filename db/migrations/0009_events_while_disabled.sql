-- Events are written as long as an endpoint that wants them exists, also while it is disabled: a receiver that was away for
-- days is told of them by a replay, and what was never written no replay brings. They wait in `events` only, without an
-- outbox row, until retention removes them. Who wants none deletes the endpoint; apps without one pay what they paid.
create or replace function emit_event(
  app uuid, env text, event_type text, notification uuid, event_data jsonb
) returns void language sql as $$
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
$$;
--> statement-breakpoint
create or replace function notification_event() returns trigger language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  if exists (select from webhook_endpoints e where e.app_id = new.app_id and e.environment = new.environment) then
    if new.state = 'in_doubt' then
      if exists (
        select from events e
        where e.notification_id = new.id and e.type = 'notification.in_doubt'
          and e.data ->> 'attempts' = new.attempt_count::text
      ) then
        return null;
      end if;
    end if;
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
create or replace function circuit_event() returns trigger language plpgsql as $$
begin
  perform emit_event(app_id, environment, case new.state when 'open' then 'provider.circuit_opened' else 'provider.circuit_closed' end, null,
    jsonb_strip_nulls(jsonb_build_object('account', new.account, 'channel', new.channel, 'reason', new.reason, 'by_hand', new.held_by is not null)))
  from (select distinct app_id, environment from webhook_endpoints) as listening;
  return null;
end $$;
