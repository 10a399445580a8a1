CREATE TABLE "bulk_actions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"app_id" uuid NOT NULL,
	"environment" text NOT NULL,
	"idempotency_key" text,
	"request_hash" "bytea" NOT NULL,
	"action" text NOT NULL,
	"filter" jsonb NOT NULL,
	"send_at" timestamp with time zone,
	"accept_duplicate_risk" boolean DEFAULT false NOT NULL,
	"dry_run" boolean DEFAULT false NOT NULL,
	"rate_per_second" integer NOT NULL,
	"state" text NOT NULL,
	"matched" integer NOT NULL,
	"matched_completely" boolean NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"skipped" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"position_at" timestamp with time zone,
	"position_id" uuid,
	"actor" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "bulk_actions_environment" CHECK ("bulk_actions"."environment" in ('live', 'test')),
	CONSTRAINT "bulk_actions_action" CHECK ("bulk_actions"."action" in ('retry', 'cancel', 'reschedule')),
	CONSTRAINT "bulk_actions_state" CHECK ("bulk_actions"."state" in ('running', 'done', 'stopped')),
	CONSTRAINT "bulk_actions_send_at" CHECK (("bulk_actions"."action" = 'reschedule') = ("bulk_actions"."send_at" is not null)),
	CONSTRAINT "bulk_actions_finished" CHECK (("bulk_actions"."state" = 'running') = ("bulk_actions"."finished_at" is null)),
	CONSTRAINT "bulk_actions_position" CHECK (("bulk_actions"."position_at" is null) = ("bulk_actions"."position_id" is null))
);
--> statement-breakpoint
ALTER TABLE "bulk_actions" ADD CONSTRAINT "bulk_actions_app_id_apps_id_fk" FOREIGN KEY ("app_id") REFERENCES "public"."apps"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bulk_actions_key" ON "bulk_actions" USING btree ("app_id","environment","idempotency_key") WHERE "bulk_actions"."idempotency_key" is not null;--> statement-breakpoint
CREATE INDEX "bulk_actions_list" ON "bulk_actions" USING btree ("app_id","environment","created_at","id");--> statement-breakpoint
CREATE INDEX "bulk_actions_running" ON "bulk_actions" USING btree ("created_at") WHERE "bulk_actions"."state" = 'running';