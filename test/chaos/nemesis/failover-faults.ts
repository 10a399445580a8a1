import { makeSessionsReadOnly } from '../../support/read-only-sessions.ts';
import type { FaultKind } from './fault.ts';

/** Another server takes over, at the same address, and every open connection stays with the old one. */
export const FAILOVER_FAULTS: readonly FaultKind[] = [
  {
    name: 'failover, sockets kept',
    weight: 1,
    targets: ['redis'],
    lastsMs: [3_000, 9_000],
    begin: (system) => system.failOverRedis(),
  },
  {
    name: 'read-only sessions',
    weight: 1,
    targets: ['postgres'],
    lastsMs: [3_000, 9_000],
    begin: (system) => makeSessionsReadOnly(system.databaseUrl),
  },
];
