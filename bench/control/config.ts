/** The environment settings of the control's two processes. */
export interface ControlConfig {
  databaseUrl: string;
  redisUrl: string;
  port: number;
  apiKey: string;
  /** Where messages go: the simulator's generic endpoint. */
  providerUrl: string;
}

/** @throws naming the variable that is missing */
export function readConfig(env: NodeJS.ProcessEnv = process.env): ControlConfig {
  const need = (name: string): string => {
    const value = env[name];
    if (!value) throw new Error(`${name} is not set; bench/control-system.ts sets it`);
    return value;
  };
  return {
    databaseUrl: need('DATABASE_URL'),
    redisUrl: need('REDIS_URL'),
    port: Number(need('PORT')),
    apiKey: need('API_KEY'),
    providerUrl: need('PROVIDER_URL'),
  };
}
