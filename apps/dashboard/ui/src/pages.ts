import { pages as account } from './account/pages.ts';
import { pages as apps } from './apps/pages.ts';
import { pages as calendar } from './calendar/pages.ts';
import { pages as categories } from './categories/pages.ts';
import { pages as compose } from './compose/pages.ts';
import { pages as keys } from './keys/pages.ts';
import type { Page } from './page.ts';
import { pages as staff } from './staff/pages.ts';
import { pages as templates } from './templates/pages.ts';

/** This table is all there is: routes, navigation, command palette and what each role sees are made from it. */
export const PAGES: readonly Page[] = [
  ...compose,
  ...calendar,
  ...templates,
  ...categories,
  ...keys,
  ...staff,
  ...apps,
  ...account,
];
