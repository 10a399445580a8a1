import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/imports',
    title: 'Imports',
    group: 'People',
    scope: 'recipients:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/imports/new',
    title: 'Import recipients',
    scope: 'recipients:import',
    load: () => import('./new-import.tsx'),
  },
  {
    path: '/imports/$id',
    title: 'Import',
    scope: 'recipients:read',
    load: () => import('./import.tsx'),
  },
];
