-- Changes of a notification's state that are events: the states of ANNOUNCED_STATES (core/webhook/event.ts), in the commit
-- of the change, whatever its origin. A doubt is announced once per attempt: the resolver repeats a doubtful call, and a
-- repeat that settles nothing returns to the same doubt.
--
-- A campaign announces only what somebody must look at, unless it was made to announce all: two million webhooks would
-- cost more than a campaign of a million.
--
-- note_listeners checks once per statement whether there is any endpoint, so that installations without one do not pay for
-- a function call per row. The plan of notification_event is kept: worker connections plan each statement anew, and this
-- runs once per row.
create or replace function note_listeners()
 returns trigger
 language plpgsql
as $function$
begin
  perform set_config('carillon.anybody_listens', case when exists (select from webhook_endpoints) then 'yes' else 'no' end, true);
  return null;
end $function$;

create or replace trigger note_listeners before update of state on notifications
  for each statement
  execute function note_listeners();

create or replace function notification_event()
 returns trigger
 language plpgsql
 set plan_cache_mode = force_generic_plan
as $function$
begin
  if new.origin_id is not null and new.state not in ('failed', 'dead', 'in_doubt')
    and exists (select from origins o where o.id = new.origin_id and o.events = 'problems')
  then
    return null;
  end if;
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
      'category', new.category, 'recipient_id', new.recipient_id, 'campaign_id', coalesce(new.origin_id, new.campaign_id),
      'provider', new.provider, 'provider_message_id', new.provider_message_id, 'attempts', new.attempt_count,
      'error', case when new.error_code is not null then jsonb_build_object('code', new.error_code, 'message', new.error) end,
      'metadata', new.options -> 'metadata', 'created_at', new.created_at
    )));
  end if;
  return null;
end $function$;

create or replace trigger notification_event after update of state on notifications
  for each row
  when (((old.state is distinct from new.state)
    and (new.state = any (array['sent', 'delivered', 'failed', 'dead', 'in_doubt', 'suppressed', 'expired']))
    and (current_setting('carillon.anybody_listens', true) is distinct from 'no')))
  execute function notification_event();
