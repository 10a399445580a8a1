-- The W3C traceparent of the span that accepted the message, kept so that retries, the resolver, receipts and events continue its
-- trace. Null where the message is not traced. No index and no default: adding it rewrites nothing, and an earlier release
-- ignores it.
alter table notifications add column traceparent text;
