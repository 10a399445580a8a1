-- Where no app has an endpoint, the trigger that writes events was a sixth of recording a sent notification: a call of a
-- function for each row, to find the same empty table. Now a statement asks once whether anybody listens, and says so in
-- a setting that ends with its transaction; only where somebody does is the function called. Unset it says nothing, and
-- the function is called.
create function note_listeners() returns trigger language plpgsql as $$
begin
  perform set_config('carillon.anybody_listens', case when exists (select from webhook_endpoints) then 'yes' else 'no' end, true);
  return null;
end $$;
--> statement-breakpoint
create trigger note_listeners before update of state on notifications for each statement execute function note_listeners();
--> statement-breakpoint
create or replace trigger notification_event after update of state on notifications for each row
  when (old.state is distinct from new.state
    and new.state in ('sent', 'delivered', 'failed', 'dead', 'in_doubt', 'suppressed', 'expired')
    and current_setting('carillon.anybody_listens', true) is distinct from 'no')
  execute function notification_event();
