import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';

/** good: done as wished; waiting: on its way; doubt: a person may have to look; bad: will not happen by itself. */
export type Tone = 'good' | 'waiting' | 'doubt' | 'bad' | 'neutral';

const COLOURS: Record<Tone, string> = {
  good: 'var(--mantine-color-teal-6)',
  waiting: 'var(--mantine-color-blue-5)',
  doubt: 'var(--mantine-color-yellow-6)',
  bad: 'var(--mantine-color-red-6)',
  neutral: 'var(--mantine-color-gray-5)',
};

/** A word with a dot. The word alone says it; the colour helps those who see it. */
export function Mark({ tone, children }: { tone: Tone; children: ReactNode }) {
  return (
    <Badge leftSection={<span className="dot" style={{ background: COLOURS[tone] }} aria-hidden />}>
      {children}
    </Badge>
  );
}
