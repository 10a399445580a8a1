-- Categories whose messages are secrets (one-time passwords): their texts go as soon as they are final.
alter table categories add column secret boolean not null default false;
--> statement-breakpoint
-- When the texts of a notification went; null while they are there. Without a default: no row is rewritten.
alter table notifications add column redacted_at timestamptz;
--> statement-breakpoint
-- A fingerprint used to be a plain hash of the secret, so that a weak one could be guessed from it. These say nothing; the
-- next write of an account makes one under the encryption key.
update provider_accounts set fingerprint = substr(md5(gen_random_uuid()::text), 1, 12) where fingerprint is not null;
