CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"secret_hash" bytea NOT NULL,
	"scopes" text[] NOT NULL,
	"rate_per_second" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "api_keys_environment" CHECK ("api_keys"."environment" in ('live', 'test'))
);
--> statement-breakpoint
CREATE TABLE "apps" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"app_id" uuid,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"hash" bytea DEFAULT ''::bytea NOT NULL
);
--> statement-breakpoint
CREATE TABLE "contact_points" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"recipient_id" text NOT NULL,
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"keys" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"verified_at" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"disabled_reason" text,
	CONSTRAINT "contact_points_address" UNIQUE("app_id","environment","recipient_id","kind","address"),
	CONSTRAINT "contact_points_kind" CHECK ("contact_points"."kind" in ('email', 'phone', 'fcm', 'apns', 'web_push'))
);
--> statement-breakpoint
CREATE TABLE "delivery_attempts" (
	"notification_id" uuid NOT NULL,
	"n" smallint NOT NULL,
	"phase" text NOT NULL,
	"channel" text NOT NULL,
	"provider" text NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" text,
	"error_code" text,
	"error" text,
	"provider_message_id" text,
	"latency_ms" integer,
	"rendered" jsonb,
	CONSTRAINT "delivery_attempts_notification_id_n_pk" PRIMARY KEY("notification_id","n"),
	CONSTRAINT "delivery_attempts_phase" CHECK ("delivery_attempts"."phase" in ('started', 'written', 'answered')),
	CONSTRAINT "delivery_attempts_channel" CHECK ("delivery_attempts"."channel" in ('email', 'sms', 'push', 'in_app')),
	CONSTRAINT "delivery_attempts_outcome" CHECK ("delivery_attempts"."outcome" in ('accepted', 'transient', 'throttled', 'quota', 'in_doubt', 'rejected', 'bad_recipient', 'misconfigured')),
	CONSTRAINT "delivery_attempts_finished" CHECK (("delivery_attempts"."finished_at" is null) = ("delivery_attempts"."outcome" is null)),
	CONSTRAINT "delivery_attempts_accepted_with_id" CHECK ("delivery_attempts"."outcome" <> 'accepted' or "delivery_attempts"."provider_message_id" is not null)
);
--> statement-breakpoint
CREATE TABLE "inbox_messages" (
	"notification_id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"recipient_id" text NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"url" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone,
	"read_at" timestamp with time zone,
	"archived_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "notification_history" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "notification_history_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"notification_id" uuid NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"detail" jsonb,
	CONSTRAINT "notification_history_state" CHECK ("notification_history"."state" in ('scheduled', 'pending', 'queued', 'sending', 'retrying', 'in_doubt', 'sent', 'delivered', 'failed', 'dead', 'suppressed', 'skipped', 'cancelled', 'expired'))
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"state" text NOT NULL,
	"environment" text NOT NULL,
	"priority" text NOT NULL,
	"channel" text NOT NULL,
	"route" text[] NOT NULL,
	"recipient_id" text,
	"address" jsonb,
	"category" text,
	"template_id" uuid,
	"template_version" integer,
	"locale" text,
	"data" jsonb,
	"content" jsonb,
	"options" jsonb,
	"idempotency_key" text NOT NULL,
	"request_hash" bytea NOT NULL,
	"ordering_key" text,
	"campaign_id" uuid,
	"send_at" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"queued_at" timestamp with time zone,
	"next_attempt_at" timestamp with time zone,
	"attempt_count" smallint DEFAULT 0 NOT NULL,
	"tries" smallint DEFAULT 0 NOT NULL,
	"lease_token" uuid,
	"lease_until" timestamp with time zone,
	"provider" text,
	"provider_message_id" text,
	"error_code" text,
	"error" text,
	"rare_state" text GENERATED ALWAYS AS (case when state in ('scheduled', 'retrying', 'in_doubt', 'dead', 'failed') then state end) STORED,
	CONSTRAINT "notifications_state" CHECK ("notifications"."state" in ('scheduled', 'pending', 'queued', 'sending', 'retrying', 'in_doubt', 'sent', 'delivered', 'failed', 'dead', 'suppressed', 'skipped', 'cancelled', 'expired')),
	CONSTRAINT "notifications_environment" CHECK ("notifications"."environment" in ('live', 'test')),
	CONSTRAINT "notifications_priority" CHECK ("notifications"."priority" in ('critical', 'normal', 'bulk')),
	CONSTRAINT "notifications_channel" CHECK ("notifications"."channel" in ('email', 'sms', 'push', 'in_app')),
	CONSTRAINT "notifications_channel_in_route" CHECK ("notifications"."channel" = any ("notifications"."route")),
	CONSTRAINT "notifications_addressed" CHECK ("notifications"."recipient_id" is not null or "notifications"."address" is not null),
	CONSTRAINT "notifications_body" CHECK (("notifications"."template_id" is null) <> ("notifications"."content" is null)),
	CONSTRAINT "notifications_template_pinned" CHECK (("notifications"."template_id" is null) = ("notifications"."template_version" is null)),
	CONSTRAINT "notifications_leased" CHECK (("notifications"."state" = 'sending') = ("notifications"."lease_token" is not null)),
	CONSTRAINT "notifications_lease_ends" CHECK (("notifications"."lease_token" is null) = ("notifications"."lease_until" is null)),
	CONSTRAINT "notifications_due" CHECK ("notifications"."state" not in ('scheduled', 'retrying') or "notifications"."next_attempt_at" is not null),
	CONSTRAINT "notifications_not_due_when_final" CHECK (not ("notifications"."state" in ('sent', 'delivered', 'failed', 'dead', 'suppressed', 'skipped', 'cancelled', 'expired')) or "notifications"."next_attempt_at" is null),
	CONSTRAINT "notifications_sent_by_someone" CHECK ("notifications"."state" not in ('sent', 'delivered') or "notifications"."provider" is not null),
	CONSTRAINT "notifications_tries" CHECK ("notifications"."tries" between 0 and "notifications"."attempt_count")
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text DEFAULT 'delivery.requested' NOT NULL,
	"lane" text NOT NULL,
	"ids" uuid[] NOT NULL,
	"available_at" timestamp with time zone,
	"version" smallint DEFAULT 1 NOT NULL,
	"trace_context" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "outbox_kind" CHECK ("outbox"."kind" in ('delivery.requested', 'delivery.resumed', 'event.emitted')),
	CONSTRAINT "outbox_lane" CHECK ("outbox"."lane" in ('email-critical', 'sms-critical', 'push-critical', 'in_app-critical', 'email-normal', 'sms-normal', 'push-normal', 'in_app-normal', 'email-bulk', 'sms-bulk', 'push-bulk', 'in_app-bulk', 'events')),
	CONSTRAINT "outbox_ids" CHECK (cardinality("outbox"."ids") between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "provider_logs" (
	"provider_account" text NOT NULL,
	"event_id" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"notification_id" uuid,
	"body" jsonb NOT NULL,
	CONSTRAINT "provider_logs_provider_account_event_id_pk" PRIMARY KEY("provider_account","event_id")
);
--> statement-breakpoint
CREATE TABLE "recipients" (
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"id" text NOT NULL,
	"locale" text,
	"time_zone" text,
	"attributes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "recipients_app_id_environment_id_pk" PRIMARY KEY("app_id","environment","id"),
	CONSTRAINT "recipients_environment" CHECK ("recipients"."environment" in ('live', 'test'))
);
--> statement-breakpoint
CREATE TABLE "redis_epoch" (
	"namespace" text PRIMARY KEY NOT NULL,
	"epoch" text NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"rebuild_from" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "staff" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text NOT NULL,
	"password_hash" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "staff_email_unique" UNIQUE("email"),
	CONSTRAINT "staff_role" CHECK ("staff"."role" in ('admin', 'operator', 'viewer'))
);
--> statement-breakpoint
CREATE TABLE "staff_sessions" (
	"token_hash" bytea PRIMARY KEY NOT NULL,
	"staff_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "template_versions" (
	"template_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"channel" text NOT NULL,
	"locale" text NOT NULL,
	"content" jsonb NOT NULL,
	"required_variables" text[] NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "template_versions_template_id_version_channel_locale_pk" PRIMARY KEY("template_id","version","channel","locale"),
	CONSTRAINT "template_versions_channel" CHECK ("template_versions"."channel" in ('email', 'sms', 'push', 'in_app'))
);
--> statement-breakpoint
CREATE TABLE "templates" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"key" text NOT NULL,
	"published_version" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "templates_key" UNIQUE("app_id","environment","key"),
	CONSTRAINT "templates_environment" CHECK ("templates"."environment" in ('live', 'test'))
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contact_points" ADD CONSTRAINT "contact_points_recipient" FOREIGN KEY ("app_id","environment","recipient_id") REFERENCES "public"."recipients"("app_id","environment","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_messages" ADD CONSTRAINT "inbox_messages_recipient" FOREIGN KEY ("app_id","environment","recipient_id") REFERENCES "public"."recipients"("app_id","environment","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recipients" ADD CONSTRAINT "recipients_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_sessions" ADD CONSTRAINT "staff_sessions_staff_id_staff_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."staff"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "template_versions" ADD CONSTRAINT "template_versions_template_id_templates_id_fk" FOREIGN KEY ("template_id") REFERENCES "public"."templates"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "templates" ADD CONSTRAINT "templates_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_app" ON "api_keys" USING btree ("app_id");--> statement-breakpoint
CREATE INDEX "audit_log_by_subject" ON "audit_log" USING btree ("subject","id");--> statement-breakpoint
CREATE INDEX "audit_log_by_app" ON "audit_log" USING btree ("app_id","id");--> statement-breakpoint
CREATE INDEX "contact_points_by_address" ON "contact_points" USING btree ("address");--> statement-breakpoint
CREATE INDEX "delivery_attempts_open" ON "delivery_attempts" USING btree ("started_at") WHERE "delivery_attempts"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "delivery_attempts_by_message" ON "delivery_attempts" USING btree ("provider_message_id") WHERE "delivery_attempts"."provider_message_id" is not null;--> statement-breakpoint
CREATE INDEX "inbox_messages_of" ON "inbox_messages" USING btree ("app_id","environment","recipient_id","created_at");--> statement-breakpoint
CREATE INDEX "notification_history_of" ON "notification_history" USING btree ("notification_id","id");--> statement-breakpoint
CREATE INDEX "notifications_by_app" ON "notifications" USING btree ("app_id","created_at","id");--> statement-breakpoint
CREATE INDEX "notifications_by_recipient" ON "notifications" USING btree ("app_id","recipient_id","created_at") WHERE "notifications"."recipient_id" is not null;--> statement-breakpoint
CREATE INDEX "notifications_by_age" ON "notifications" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "notifications_by_rare_state" ON "notifications" USING btree ("rare_state","next_attempt_at","channel") WHERE "notifications"."rare_state" is not null;--> statement-breakpoint
CREATE INDEX "notifications_by_campaign" ON "notifications" USING btree ("campaign_id") WHERE "notifications"."campaign_id" is not null;--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("lane",coalesce("available_at", "created_at"));--> statement-breakpoint
CREATE INDEX "provider_logs_of" ON "provider_logs" USING btree ("notification_id") WHERE "provider_logs"."notification_id" is not null;--> statement-breakpoint
CREATE INDEX "provider_logs_by_age" ON "provider_logs" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "staff_sessions_of" ON "staff_sessions" USING btree ("staff_id");