-- A doubt is told once. The resolver repeats a doubtful call (state `sending` again), and a repeat that settles nothing goes
-- back into doubt: the same doubt of the same attempt. Sent again as a new attempt, it may be a new one.
--
-- Whether it was told is asked of the events themselves, by events_of: one that was never written (no endpoint wanted it
-- then) is told when there is somebody to hear it. Asked only on the way into doubt, and only for apps with an endpoint.
create or replace function notification_event() returns trigger language plpgsql set plan_cache_mode = force_generic_plan as $$
begin
  if exists (select from webhook_endpoints e where e.app_id = new.app_id and e.environment = new.environment and e.disabled_at is null) then
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
