import type { Environment } from '@carillon/core/notification/environment';

/**
 * The app and environment whose rows a query may touch. Every query behind an API key takes one: an id alone gives
 * access to nothing.
 */
export interface Tenant {
  appId: string;
  environment: Environment;
}
