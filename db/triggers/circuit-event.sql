-- A provider account serves every app: each one with an endpoint gets an event when its breaker opens or closes.
create or replace function circuit_event()
 returns trigger
 language plpgsql
as $function$
begin
  perform emit_event(app_id, environment, case new.state when 'open' then 'provider.circuit_opened' else 'provider.circuit_closed' end, null,
    jsonb_strip_nulls(jsonb_build_object('account', new.account, 'channel', new.channel, 'reason', new.reason, 'by_hand', new.held_by is not null)))
  from (select distinct app_id, environment from webhook_endpoints) as listening;
  return null;
end $function$;

create or replace trigger circuit_event after update of state on circuit_breakers
  for each row
  when (((old.state is distinct from new.state)
    and (new.state = any (array['open', 'closed']))))
  execute function circuit_event();
