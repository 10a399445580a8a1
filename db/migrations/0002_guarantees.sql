CREATE TABLE "cap_uses" (
	"notification_id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"recipient_id" text NOT NULL,
	"channel" text NOT NULL,
	"category" text,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "cap_uses_channel" CHECK ("cap_uses"."channel" in ('email', 'sms', 'push', 'in_app'))
);
--> statement-breakpoint
CREATE TABLE "categories" (
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"name" text NOT NULL,
	"delivery_policy" text DEFAULT 'resolve' NOT NULL,
	"resolve_within_seconds" integer,
	"backoff_seconds" integer[],
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "categories_app_id_environment_name_pk" PRIMARY KEY("app_id","environment","name"),
	CONSTRAINT "categories_environment" CHECK ("categories"."environment" in ('live', 'test')),
	CONSTRAINT "categories_policy" CHECK ("categories"."delivery_policy" in ('resolve', 'at_least_once', 'at_most_once', 'ask')),
	CONSTRAINT "categories_resolve_within" CHECK ("categories"."resolve_within_seconds" between 1 and 86400),
	CONSTRAINT "categories_backoff" CHECK (cardinality("categories"."backoff_seconds") between 1 and 20)
);
--> statement-breakpoint
CREATE TABLE "circuit_breakers" (
	"account" text PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"state" text DEFAULT 'closed' NOT NULL,
	"held_by" text,
	"reason" text,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"probe_at" timestamp with time zone,
	"cool_down_seconds" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "circuit_breakers_state" CHECK ("circuit_breakers"."state" in ('closed', 'open', 'half_open')),
	CONSTRAINT "circuit_breakers_probed" CHECK ("circuit_breakers"."state" <> 'open' or "circuit_breakers"."held_by" is not null or "circuit_breakers"."probe_at" is not null)
);
--> statement-breakpoint
CREATE TABLE "notification_order" (
	"notification_id" uuid PRIMARY KEY NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"ordering_key" text NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "notification_order_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	CONSTRAINT "notification_order_line" UNIQUE("app_id","environment","ordering_key","seq")
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"channel" text NOT NULL,
	"address_hash" bytea NOT NULL,
	"reason" text NOT NULL,
	"detail" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "suppressions_app_id_environment_channel_address_hash_pk" PRIMARY KEY("app_id","environment","channel","address_hash"),
	CONSTRAINT "suppressions_environment" CHECK ("suppressions"."environment" in ('live', 'test')),
	CONSTRAINT "suppressions_channel" CHECK ("suppressions"."channel" in ('email', 'sms', 'push', 'in_app')),
	CONSTRAINT "suppressions_reason" CHECK ("suppressions"."reason" in ('bounce', 'complaint', 'stop', 'unsubscribe', 'manual', 'erased'))
);
--> statement-breakpoint
CREATE TABLE "user_preferences" (
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"recipient_id" text NOT NULL,
	"channels" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"categories" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"quiet_hours" jsonb,
	"caps" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_preferences_app_id_environment_recipient_id_pk" PRIMARY KEY("app_id","environment","recipient_id")
);
--> statement-breakpoint
ALTER TABLE "notifications" ADD COLUMN "tried" text[];--> statement-breakpoint
ALTER TABLE "categories" ADD CONSTRAINT "categories_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_preferences" ADD CONSTRAINT "user_preferences_recipient" FOREIGN KEY ("app_id","environment","recipient_id") REFERENCES "public"."recipients"("app_id","environment","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cap_uses_of" ON "cap_uses" USING btree ("app_id","environment","recipient_id","at");--> statement-breakpoint
CREATE INDEX "cap_uses_by_age" ON "cap_uses" USING btree ("at");