-- A provider account serves every app, so every app that has an endpoint for it hears when its breaker opens or closes.
create function circuit_event() returns trigger language plpgsql as $$
begin
  perform emit_event(app_id, environment, case new.state when 'open' then 'provider.circuit_opened' else 'provider.circuit_closed' end, null,
    jsonb_strip_nulls(jsonb_build_object('account', new.account, 'channel', new.channel, 'reason', new.reason, 'by_hand', new.held_by is not null)))
  from (select distinct app_id, environment from webhook_endpoints where disabled_at is null) as listening;
  return null;
end $$;
--> statement-breakpoint
create trigger circuit_event after update of state on circuit_breakers for each row
  when (old.state is distinct from new.state and new.state in ('open', 'closed'))
  execute function circuit_event();
