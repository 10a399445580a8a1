import { pages as account } from './account/pages.ts';
import { pages as apps } from './apps/pages.ts';
import { pages as audit } from './audit/pages.ts';
import { pages as keys } from './keys/pages.ts';
import { pages as overview } from './overview/pages.ts';
import type { Page } from './page.ts';
import { pages as requests } from './requests/pages.ts';
import { pages as staff } from './staff/pages.ts';

/** This table is all there is: routes, navigation, command palette and what each role sees are made from it. */
export const PAGES: readonly Page[] = [
  ...overview,
  ...keys,
  ...requests,
  ...staff,
  ...apps,
  ...audit,
  ...account,
];
