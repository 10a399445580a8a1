/**
 * Where every read of the API goes, by its operation: the only place that decides it. A route whose operation is not
 * for the replica cannot get a read from there (`readFor`), and a test compares the table with the routes.
 *
 * - `replica`: lists, searches, counts, exports and reports over what grows with the traffic. They may be a little
 *   behind, and their answers say how far (`Carillon-Replica-Lag`).
 * - `shared`: the same, where one answer serves everybody for some seconds; nobody can ask for a newer one.
 *
 * The primary answers everything else:
 *
 * - `named`: what one id or key names. Somebody may just have been told that it was created or changed, and what they
 *   do next must obey that.
 * - `settings`: lists of what people configure. They are short, and are looked at right after a change.
 * - `rights`: keys, people and their sessions. A person who lost a right must not be seen with it.
 * - `own`: what belongs to a recipient, who reads it to act on it.
 * - `running`: how far work has come that somebody has just started or stopped.
 */
export const READ_PLACES = {
  listNotifications: 'replica',
  exportNotifications: 'replica',
  search: 'replica',
  listRecipients: 'replica',
  listMembers: 'replica',
  listRecipientAttributes: 'replica',
  listSuppressions: 'replica',
  countAudience: 'replica',
  countFilter: 'replica',
  listCampaignRecipients: 'replica',
  listEventDeliveries: 'replica',
  listRequests: 'replica',
  listAudit: 'replica',
  exportAudit: 'replica',
  verifyAudit: 'replica',
  getOverview: 'shared',
  getOverviewHistory: 'shared',

  getNotification: 'named',
  getNotificationContent: 'named',
  getRecipient: 'named',
  exportRecipient: 'named',
  getPreferences: 'named',
  getSuppression: 'named',
  getTemplate: 'named',
  getTemplateDraft: 'named',
  listTemplateVersions: 'named',
  diffTemplate: 'named',
  getLayout: 'named',
  listLayoutVersions: 'named',
  getLayoutVersion: 'named',
  getPartial: 'named',
  listPartialVersions: 'named',
  getPartialVersion: 'named',
  getAudience: 'named',
  getCategory: 'named',
  getProviderAccount: 'named',
  getWebhookEndpoint: 'named',

  listTemplates: 'settings',
  listLayouts: 'settings',
  listPartials: 'settings',
  listAudiences: 'settings',
  listCategories: 'settings',
  listBreakers: 'settings',
  listProviders: 'settings',
  listProviderAccounts: 'settings',
  listWebhookEndpoints: 'settings',
  listApps: 'settings',

  listApiKeys: 'rights',
  listStaff: 'rights',
  listStaffSessions: 'rights',
  listRoles: 'rights',

  listInbox: 'own',
  listInboxOf: 'own',
  streamInbox: 'own',
  streamInboxOf: 'own',
  getMyPreferences: 'own',
  showPreferences: 'own',
  showUnsubscribe: 'own',

  getCampaign: 'running',
  listCampaigns: 'running',
  getCampaignReview: 'running',
  streamCampaign: 'running',
  listBulkActions: 'running',
  getBulkAction: 'running',
  listImports: 'running',
  getImport: 'running',
  exportImportErrors: 'running',
  listSandbox: 'running',
  listLanes: 'running',
} as const satisfies Readonly<Record<string, ReadPlace>>;

export type ReadPlace = 'replica' | 'shared' | 'named' | 'settings' | 'rights' | 'own' | 'running';

/** @param operation an operation id. */
export function placeOf(operation: string): ReadPlace | undefined {
  return Object.hasOwn(READ_PLACES, operation)
    ? READ_PLACES[operation as keyof typeof READ_PLACES]
    : undefined;
}
