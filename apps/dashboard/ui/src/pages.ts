import type { KeyScope } from '@carillon/core/access/access';
import type { ComponentType } from 'react';
import { pages as account } from './account/pages.ts';
import { pages as lanes } from './lanes/pages.ts';
import { pages as providers } from './providers/pages.ts';
import { pages as recipients } from './recipients/pages.ts';
import { pages as suppressions } from './suppressions/pages.ts';
import { pages as webhooks } from './webhooks/pages.ts';

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

export const PAGES: readonly Page[] = [
  ...recipients,
  ...suppressions,
  ...providers,
  ...lanes,
  ...webhooks,
  ...account,
];
