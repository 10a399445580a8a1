import { pages as account } from './account/pages.ts';
import { pages as apps } from './apps/pages.ts';
import { pages as audiences } from './audiences/pages.ts';
import { pages as audit } from './audit/pages.ts';
import { pages as bulk } from './bulk/pages.ts';
import { pages as calendar } from './calendar/pages.ts';
import { pages as campaigns } from './campaigns/pages.ts';
import { pages as categories } from './categories/pages.ts';
import { pages as compose } from './compose/pages.ts';
import { pages as imports } from './imports/pages.ts';
import { pages as keys } from './keys/pages.ts';
import { pages as lanes } from './lanes/pages.ts';
import { pages as layouts } from './layouts/pages.ts';
import { pages as notifications } from './notifications/pages.ts';
import { pages as overview } from './overview/pages.ts';
import type { Page } from './page.ts';
import { pages as providers } from './providers/pages.ts';
import { pages as recipients } from './recipients/pages.ts';
import { pages as requests } from './requests/pages.ts';
import { pages as sandbox } from './sandbox/pages.ts';
import { pages as staff } from './staff/pages.ts';
import { pages as suppressions } from './suppressions/pages.ts';
import { pages as templates } from './templates/pages.ts';
import { pages as webhooks } from './webhooks/pages.ts';

/** This table is all there is: routes, navigation, command palette and what each role sees are made from it. */
export const PAGES: readonly Page[] = [
  ...overview,
  ...notifications,
  ...bulk,
  ...calendar,
  ...campaigns,
  ...compose,
  ...sandbox,
  ...recipients,
  ...imports,
  ...audiences,
  ...suppressions,
  ...templates,
  ...layouts,
  ...categories,
  ...providers,
  ...lanes,
  ...webhooks,
  ...requests,
  ...keys,
  ...audit,
  ...staff,
  ...apps,
  ...account,
];
