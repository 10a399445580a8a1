import '@mantine/spotlight/styles.css';
import { Spotlight, spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { mayIn, useHere } from '../api/session.tsx';
import { PAGES } from '../pages.ts';

/** Every page that the person may see, by its name. @param times how often it was asked for; each opens it. */
export default function CommandPalette({ times }: { times: number }) {
  const { session, tenant } = useHere();
  const navigate = useNavigate();
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time it is asked for
  useEffect(() => spotlight.open(), [times]);
  const actions = PAGES.filter(
    ({ path, scope }) => !path.includes('$') && (scope === undefined || mayIn(session, tenant, scope)),
  ).map(({ path, title, group }) => ({
    id: path,
    label: title,
    description: group,
    onClick: () => void navigate({ to: path }),
  }));
  return (
    <Spotlight
      actions={actions as never}
      shortcut={null}
      nothingFound="No page has this name"
      highlightQuery
      searchProps={{ placeholder: 'Go to a page', 'aria-label': 'Go to a page' }}
    />
  );
}
