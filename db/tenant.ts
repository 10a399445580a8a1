import type { Environment } from '@carillon/core/environment';

/** Whose rows a query may touch. Every query behind an API key takes one: an id alone opens nothing. */
export interface Tenant {
  appId: string;
  environment: Environment;
}
