ALTER TABLE "provider_logs" ADD COLUMN "attempt" smallint;--> statement-breakpoint
ALTER TABLE "provider_logs" ADD COLUMN "provider_message_id" text;--> statement-breakpoint
ALTER TABLE "provider_logs" ADD COLUMN "applied_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "provider_logs_unapplied" ON "provider_logs" USING btree ("received_at") WHERE "provider_logs"."applied_at" is null;