import { ConfigError, environment } from '@carillon/core/program/config';

export interface SimulatorConfig {
  host: string;
  port: number;
  tlsPort: number;
  smtpPort: number;
  dataDirectory: string;
  receiptsUrl?: string;
  inboxes?: { apiUrl: string; apiKey: string };
}

/**
 * Reads the environment: SIMULATOR_PORT (HTTP, 4010), SIMULATOR_TLS_PORT (4011), SIMULATOR_SMTP_PORT (4012),
 * SIMULATOR_DATA (directory of the ledger, `.carillon/simulator`), SIMULATOR_HOST (127.0.0.1), SIMULATOR_RECEIPTS_URL
 * (Carillon's API; without it no receipts are sent), SIMULATOR_API_KEY (with that URL, `/inbox` shows inboxes of the
 * key's environment; the key needs `recipients:*` and `notifications:*`). Port 0 is any free one.
 *
 * @throws ConfigError that names every wrong variable.
 */
export function simulatorConfig(
  env: Readonly<Record<string, string | undefined>> = environment(),
): SimulatorConfig {
  const problems: string[] = [];
  const port = (name: string, otherwise: number): number => {
    const text = env[name];
    if (text === undefined || text === '') return otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value <= 65_535) return value;
    problems.push(`${name} must be a port from 0 to 65535 (0 is any free one), got "${text}"`);
    return otherwise;
  };
  const receiptsUrl = env.SIMULATOR_RECEIPTS_URL?.replace(/\/$/, '');
  const apiKey = env.SIMULATOR_API_KEY;
  const config = {
    host: env.SIMULATOR_HOST || '127.0.0.1',
    port: port('SIMULATOR_PORT', 4010),
    tlsPort: port('SIMULATOR_TLS_PORT', 4011),
    smtpPort: port('SIMULATOR_SMTP_PORT', 4012),
    dataDirectory: env.SIMULATOR_DATA || '.carillon/simulator',
    ...(receiptsUrl ? { receiptsUrl } : {}),
    ...(receiptsUrl && apiKey ? { inboxes: { apiUrl: receiptsUrl, apiKey } } : {}),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.freeze(config);
}
