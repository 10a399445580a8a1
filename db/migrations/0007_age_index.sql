DROP INDEX "notifications_by_age";--> statement-breakpoint
CREATE INDEX "notifications_by_age" ON "notifications" USING brin ("created_at" timestamptz_minmax_multi_ops);--> statement-breakpoint
-- After retention, pages hold rows of many ages: with one range each, a window of ten minutes read half of the table.
alter index notifications_by_age set (autosummarize = on);
