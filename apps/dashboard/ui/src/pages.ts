import { pages as account } from './account/pages.ts';
import type { Page } from './page.ts';

/** This table is all there is: routes, navigation, command palette and what each role sees are made from it. */
export const PAGES: readonly Page[] = [...account];
