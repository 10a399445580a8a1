-- The audit log is a hash chain and append-only.
create or replace function audit_log_chain()
 returns trigger
 language plpgsql
as $function$
declare
  previous bytea;
begin
  -- One writer at a time, so that every row has exactly one predecessor.
  perform pg_advisory_xact_lock(hashtext('carillon.audit_log'));
  -- The default took its id before the lock: two writers could chain in the other order.
  new.id := nextval(pg_get_serial_sequence('audit_log', 'id'));
  select hash into previous from audit_log order by id desc limit 1;
  new.hash := sha256(
    coalesce(previous, '\x'::bytea)
    || convert_to(
      concat_ws('|', new.id, extract(epoch from new.at), new.app_id, new.actor, new.action, new.subject, new.detail::text),
      'UTF8'
    )
  );
  return new;
end $function$;

create or replace trigger audit_log_chain before insert on audit_log
  for each row
  execute function audit_log_chain();

create or replace function audit_log_is_append_only()
 returns trigger
 language plpgsql
as $function$
begin
  raise exception 'audit_log is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $function$;

create or replace trigger audit_log_append_only before delete or update or truncate on audit_log
  for each statement
  execute function audit_log_is_append_only();
