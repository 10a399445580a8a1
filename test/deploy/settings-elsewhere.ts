import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './alert-rules.ts';

/** The settings of the programs, by the file that explains them. */
export const ENV_EXAMPLE: readonly string[] = [
  ...readFileSync(path.join(ROOT, '.env.example'), 'utf8').matchAll(/^#([A-Z][A-Z0-9_]*)=/gm),
].map(([, name]) => name!);

/**
 * Variables that docker-compose.yml and the chart set although `.env.example` does not have them, each with its reason.
 * A test fails on any other, and on one of these that nothing uses.
 */
export const NOT_OF_ENV_EXAMPLE: Readonly<Record<string, { where: 'chart' | 'compose'; why: string }>> = {
  NODE_EXTRA_CA_CERTS: {
    where: 'chart',
    why: 'a setting of Node itself: certificates of an authority of your own',
  },
  SIMULATOR_HOST: { where: 'compose', why: 'a setting of the simulator, which is no part of production' },
  SIMULATOR_PORT: { where: 'compose', why: 'a setting of the simulator' },
  SIMULATOR_TLS_PORT: { where: 'compose', why: 'a setting of the simulator' },
  SIMULATOR_SMTP_PORT: { where: 'compose', why: 'a setting of the simulator' },
  SIMULATOR_DATA: { where: 'compose', why: 'a setting of the simulator' },
  API_DOMAIN: { where: 'compose', why: 'read by the proxy with TLS' },
  DASHBOARD_DOMAIN: { where: 'compose', why: 'read by the proxy with TLS' },
  ACME_EMAIL: { where: 'compose', why: 'read by the proxy with TLS' },
  BACKUP_DIRECTORY: { where: 'compose', why: 'read by apps/admin/src/scheduled-backups.ts' },
  BACKUP_EVERY_HOURS: { where: 'compose', why: 'read by apps/admin/src/scheduled-backups.ts' },
  BACKUP_KEEP_DAYS: { where: 'compose', why: 'read by apps/admin/src/scheduled-backups.ts' },
};

/**
 * Settings of `.env.example` that are no setting of the chart's values, because the chart itself decides them or takes
 * them from a Secret.
 */
export const DECIDED_BY_CHART: Readonly<Record<string, string>> = {
  NODE_ENV: 'always production',
  DATABASE_URL: 'a secret',
  DATABASE_DIRECT_URL: 'a secret',
  DATABASE_REPLICA_URL: 'a secret',
  REDIS_URL: 'a secret',
  ENCRYPTION_KEYS: 'a secret',
  METRICS_TOKEN: 'a secret',
  SENTRY_DSN: 'a secret',
  OTEL_EXPORTER_OTLP_HEADERS: 'a secret: it may hold a token of the collector',
  OIDC_CLIENT_SECRET: 'a secret',
  API_URL: 'the Service of the API',
  API_HOST: 'all interfaces of the pod',
  API_PORT: 'the port of the container',
  WORKER_HOST: 'all interfaces of the pod',
  WORKER_PORT: 'the port of the container',
  DASHBOARD_HOST: 'all interfaces of the pod',
  DASHBOARD_PORT: 'the port of the container',
  WORKER_ROLES: 'the roles of each entry of workers',
  PROVIDERS_FILE: 'the mounted Secret of providers.existingSecret',
};
