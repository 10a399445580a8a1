import { useHotkeys } from '@mantine/hooks';
import { lazy, Suspense, useEffect, useState } from 'react';

const CommandPalette = lazy(() => import('./command-palette.tsx'));
const OPEN = 'carillon:palette';

/** Opens the command palette, from anywhere. */
export const openPalette = (): void => void window.dispatchEvent(new Event(OPEN));

/** Ctrl+K. The palette is loaded when it is opened first. */
export function PaletteKey() {
  const [times, setTimes] = useState(0);
  useHotkeys([['mod+K', openPalette]], []);
  useEffect(() => {
    const open = () => setTimes((before) => before + 1);
    window.addEventListener(OPEN, open);
    return () => window.removeEventListener(OPEN, open);
  }, []);
  return <Suspense fallback={null}>{times > 0 && <CommandPalette times={times} />}</Suspense>;
}
