import { url } from '../program/config.ts';

/** The setting that says where people reach the dashboard. API, dashboard and carillon-admin share it. */
export function dashboardUrl() {
  return url('http', 'https')
    .optional()
    .describe(
      'where people reach the dashboard, for links of invitations and password resets, and for the check of origins; must be set in production.',
    );
}
