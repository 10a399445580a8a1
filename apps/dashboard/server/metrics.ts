import type { OnEntered } from '@carillon/core/notification/entered';
import { notificationCounter } from '@carillon/telemetry/metrics/notification-counter';
import { createProgramMetrics } from '@carillon/telemetry/metrics/program-metrics';
import { type SharedMetrics, sharedMetrics } from '@carillon/telemetry/metrics/shared-metrics';

/** The metrics of the dashboard: thin functions over the table in packages/telemetry. */
export interface Metrics extends SharedMetrics {
  /** What GET /metrics answers. */
  registry: { contentType: string; metrics(): Promise<string> };
  /** One answered request. @param route as registered, never a path: labels are bounded. */
  answered(method: string, route: string, status: number, seconds: number): void;
  login(result: 'welcome' | 'refused' | 'throttled'): void;
  entered: OnEntered;
}

export function createMetrics(): Metrics {
  const made = createProgramMetrics('dashboard');
  const requests = made.histogram('carillon_dashboard_request_seconds');
  const logins = made.counter('carillon_dashboard_logins_total');
  return {
    registry: made.registry,
    ...sharedMetrics(made),
    answered: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    login: (result) => logins.inc({ result }),
    entered: notificationCounter(made.counter('carillon_notifications_total')),
  };
}
