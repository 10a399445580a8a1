import type { KeyScope } from '@carillon/core/access/access';
import type { ComponentType } from 'react';
import { pages as account } from './account/pages.ts';
import { pages as bulk } from './bulk/pages.ts';
import { pages as notifications } from './notifications/pages.ts';
import { pages as sandbox } from './sandbox/pages.ts';

/** The parts of the navigation, in its order. */
export const GROUPS = [
  'Messages',
  'People',
  'Content',
  'Operations',
  'Developers',
  'Administration',
] as const;

/**
 * One page. This table is all there is: the routes, the navigation, the command palette and what each role sees are
 * made from it.
 */
export interface Page {
  /** Of the router: `/notifications/$id`. */
  path: string;
  title: string;
  /** Left out: not in the navigation. */
  group?: (typeof GROUPS)[number];
  /** What it takes to see it. The API refuses the rest. Left out: being signed in. */
  scope?: KeyScope;
  /** Loaded when it is opened first. */
  load(): Promise<{ default: ComponentType }>;
}

export const PAGES: readonly Page[] = [...notifications, ...bulk, ...sandbox, ...account];
