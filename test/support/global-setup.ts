import type { TestProject } from 'vitest/node';
import { type Servers, startServers } from './servers.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A PostgreSQL URL that may create databases. */
    adminDatabaseUrl: string;
    /** The migrated database that every test file's own is a copy of. */
    templateDatabase: string;
    redisUrl: string;
  }
}

/**
 * vitest loads this file once per project, each time as a new module; all projects of a run must share one pair of
 * servers, so it is kept on the process.
 */
interface Shared {
  users: number;
  servers: Promise<Servers>;
}
const holder = globalThis as { carillonTestServers?: Shared };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  holder.carillonTestServers ??= { users: 0, servers: startServers() };
  const shared = holder.carillonTestServers;
  shared.users++;
  const servers = await shared.servers;
  project.provide('adminDatabaseUrl', servers.adminDatabaseUrl);
  project.provide('templateDatabase', servers.templateDatabase);
  project.provide('redisUrl', servers.redisUrl);
  return async () => {
    if (--shared.users > 0) return;
    delete holder.carillonTestServers;
    await servers.stop();
  };
}
