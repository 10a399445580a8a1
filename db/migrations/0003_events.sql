CREATE TABLE "attachments" (
	"notification_id" uuid NOT NULL,
	"position" smallint NOT NULL,
	"filename" text NOT NULL,
	"content_type" text NOT NULL,
	"content" bytea,
	"url" text,
	"size_bytes" integer,
	CONSTRAINT "attachments_notification_id_position_pk" PRIMARY KEY("notification_id","position"),
	CONSTRAINT "attachments_content_or_url" CHECK (("attachments"."content" is null) <> ("attachments"."url" is null))
);
--> statement-breakpoint
CREATE TABLE "event_deliveries" (
	"event_id" uuid NOT NULL,
	"endpoint_id" uuid NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"tries" smallint DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"lease_until" timestamp with time zone,
	"last_tried_at" timestamp with time zone,
	"last_status" integer,
	"last_error" text,
	"last_latency_ms" integer,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "event_deliveries_event_id_endpoint_id_pk" PRIMARY KEY("event_id","endpoint_id"),
	CONSTRAINT "event_deliveries_state" CHECK ("event_deliveries"."state" in ('pending', 'delivered', 'failed', 'dropped')),
	CONSTRAINT "event_deliveries_due_while_pending" CHECK (("event_deliveries"."state" = 'pending') = ("event_deliveries"."next_try_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"type" text NOT NULL,
	"notification_id" uuid,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "provider_accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"channel" text NOT NULL,
	"environments" text[] NOT NULL,
	"enabled" boolean DEFAULT true NOT NULL,
	"position" integer NOT NULL,
	"weight" integer DEFAULT 1 NOT NULL,
	"rate_per_second" real,
	"prefixes" text[] DEFAULT '{}' NOT NULL,
	"settings" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"credentials" bytea,
	"data_key" bytea,
	"key_id" text,
	"fingerprint" text,
	"managed_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "provider_accounts_channel" CHECK ("provider_accounts"."channel" in ('email', 'sms', 'push', 'in_app')),
	CONSTRAINT "provider_accounts_managed_by" CHECK ("provider_accounts"."managed_by" in ('file', 'api')),
	CONSTRAINT "provider_accounts_weight" CHECK ("provider_accounts"."weight" between 1 and 1000),
	CONSTRAINT "provider_accounts_position" CHECK ("provider_accounts"."position" between 0 and 1000),
	CONSTRAINT "provider_accounts_rate" CHECK ("provider_accounts"."rate_per_second" > 0),
	CONSTRAINT "provider_accounts_sealed" CHECK (("provider_accounts"."credentials" is null) = ("provider_accounts"."data_key" is null) and ("provider_accounts"."credentials" is null) = ("provider_accounts"."key_id" is null))
);
--> statement-breakpoint
CREATE TABLE "webhook_endpoints" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"url" text NOT NULL,
	"description" text,
	"event_types" text[] DEFAULT '{}' NOT NULL,
	"secret" bytea NOT NULL,
	"data_key" bytea NOT NULL,
	"key_id" text NOT NULL,
	"previous_secret" bytea,
	"previous_data_key" bytea,
	"previous_key_id" text,
	"previous_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"failing_since" timestamp with time zone,
	"disabled_at" timestamp with time zone,
	"disabled_reason" text,
	CONSTRAINT "webhook_endpoints_environment" CHECK ("webhook_endpoints"."environment" in ('live', 'test')),
	CONSTRAINT "webhook_endpoints_previous" CHECK (("webhook_endpoints"."previous_secret" is null) = ("webhook_endpoints"."previous_until" is null) and ("webhook_endpoints"."previous_secret" is null) = ("webhook_endpoints"."previous_data_key" is null))
);
--> statement-breakpoint
ALTER TABLE "categories" ADD COLUMN "track_opens" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "categories" ADD COLUMN "track_clicks" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "categories" ADD COLUMN "unsubscribable" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "contact_points" ADD COLUMN "soft_bounces" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_endpoints" ADD CONSTRAINT "webhook_endpoints_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "event_deliveries_due" ON "event_deliveries" USING btree ("next_try_at") WHERE "event_deliveries"."state" = 'pending';--> statement-breakpoint
CREATE INDEX "event_deliveries_of" ON "event_deliveries" USING btree ("endpoint_id","created_at");--> statement-breakpoint
CREATE INDEX "events_by_age" ON "events" USING btree ("app_id","environment","created_at");--> statement-breakpoint
CREATE INDEX "events_of" ON "events" USING btree ("notification_id");--> statement-breakpoint
CREATE INDEX "webhook_endpoints_of" ON "webhook_endpoints" USING btree ("app_id","environment");