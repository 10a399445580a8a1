import type { Cell } from '../../cell/cell.ts';
import type { Child } from '../../cell/child.ts';

/** WORKER_ROLES of the processes of a campaign. */
const ROLES = {
  runner: 'campaigns,maintenance',
  relay: 'relay:bulk',
  deliverer: 'deliver:bulk',
  sender: 'deliver:bulk,relay:bulk',
  all: 'deliver:bulk,relay:bulk,campaigns,maintenance',
} as const;
export type CampaignRole = keyof typeof ROLES;

export const roles = (role: CampaignRole): { WORKER_ROLES: string } => ({ WORKER_ROLES: ROLES[role] });

export const startRole = (cell: Cell, role: CampaignRole): Child => cell.startWorker(undefined, roles(role));

/** Kills it without warning, and starts another one in its place. */
export async function replaceKilled(cell: Cell, role: CampaignRole, process: Child): Promise<Child> {
  process.signal('SIGKILL');
  await process.ended;
  return startRole(cell, role);
}
