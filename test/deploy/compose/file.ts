import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { ROOT } from '../alert-rules.ts';

export interface Healthcheck {
  test: string[];
  interval: string;
  timeout: string;
  retries: number;
}

/** A service of docker-compose.yml, as far as tests look into it. */
export interface Service {
  image?: string;
  profiles?: string[];
  configs?: { source: string; target: string }[];
  secrets?: (string | { source: string; target: string })[];
  volumes?: string[];
  build?: string | { context: string; target: string };
  user?: string;
  command?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  restart?: string;
  ports?: string[];
  healthcheck?: Healthcheck;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  cap_add?: string[];
  privileged?: boolean;
  security_opt?: string[];
  stop_grace_period?: string;
  logging?: { driver: string; options: Record<string, string> };
  deploy?: { resources: { limits: { cpus: string; memory: string; pids: number } } };
}

export interface ComposeFile {
  services: Record<string, Service>;
  configs: Record<string, { file: string }>;
  secrets: Record<string, { environment: string }>;
  volumes: Record<string, null>;
}

export const COMPOSE = parse(readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), {
  merge: true,
}) as ComposeFile;

/**
 * What Compose makes of `${NAME:-default}` and `${NAME:?message}`.
 *
 * @param env what stands in `.env`; a variable that must be set and is not keeps its text
 */
export function interpolate(value: string, env: Readonly<Record<string, string>>): string {
  return value
    .replace(/\$\{(\w+):-([^}]*)\}/g, (_, name: string, standard: string) => env[name] || standard)
    .replace(/\$\{(\w+):\?[^}]*\}/g, (text, name: string) => env[name] || text);
}
