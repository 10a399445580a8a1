import { Spotlight, spotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { mayIn, useHere } from '../api/session.tsx';
import { PAGES } from '../pages.ts';

export const openPalette = () => spotlight.open();

/** Ctrl+K: every page that the person may see, by its name. */
export function CommandPalette() {
  const { session, tenant } = useHere();
  const navigate = useNavigate();
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
      shortcut={['mod + K']}
      nothingFound="No page has this name"
      highlightQuery
      searchProps={{ placeholder: 'Go to a page', 'aria-label': 'Go to a page' }}
    />
  );
}
