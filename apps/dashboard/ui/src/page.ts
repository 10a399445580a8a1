import type { KeyScope } from '@carillon/core/access/access';
import type { ComponentType } from 'react';

/** The parts of the navigation, in its order. */
export const GROUPS = [
  'Messages',
  'People',
  'Content',
  'Operations',
  'Developers',
  'Administration',
] as const;

/** One page, as a line of the table of pages. */
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
