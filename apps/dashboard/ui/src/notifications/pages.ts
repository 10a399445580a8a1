import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/notifications',
    title: 'Messages',
    group: 'Messages',
    scope: 'notifications:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/notifications/$id',
    title: 'Message',
    scope: 'notifications:read',
    load: () => import('./message.tsx'),
  },
  { path: '/search', title: 'Search', scope: 'notifications:read', load: () => import('./search.tsx') },
  {
    path: '/doubts',
    title: 'Doubts',
    group: 'Messages',
    scope: 'notifications:read',
    load: () => import('./doubts.tsx'),
  },
];
