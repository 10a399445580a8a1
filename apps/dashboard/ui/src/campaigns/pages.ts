import type { Page } from '../page.ts';

export const pages: Page[] = [
  {
    path: '/campaigns',
    title: 'Campaigns',
    group: 'Messages',
    scope: 'campaigns:read',
    load: () => import('./list.tsx'),
  },
  {
    path: '/campaigns/$id',
    title: 'Campaign',
    scope: 'campaigns:read',
    load: () => import('./campaign.tsx'),
  },
  {
    path: '/campaigns/$id/edit',
    title: 'Campaign, its draft',
    scope: 'campaigns:read',
    load: () => import('./wizard/wizard.tsx'),
  },
  {
    path: '/campaigns/$id/recipients',
    title: 'Recipients of a campaign',
    scope: 'campaigns:read',
    load: () => import('./recipients.tsx'),
  },
];
