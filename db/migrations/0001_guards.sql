-- What Drizzle's schema language cannot say: storage settings and the audit log's guards.

-- Room on each page for the next version of a row: with it the three updates of the happy path stay heap-only.
alter table notifications set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);
--> statement-breakpoint
alter table delivery_attempts set (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
--> statement-breakpoint
-- The outbox is emptied as fast as it fills: vacuum it by count, not by share.
alter table outbox set (autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_insert_threshold = 10000);
--> statement-breakpoint
create function audit_log_chain() returns trigger language plpgsql as $$
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
end $$;
--> statement-breakpoint
create trigger audit_log_chain before insert on audit_log for each row execute function audit_log_chain();
--> statement-breakpoint
create function audit_log_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'audit_log is append-only: % refused', tg_op using errcode = 'insufficient_privilege';
end $$;
--> statement-breakpoint
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function audit_log_is_append_only();
