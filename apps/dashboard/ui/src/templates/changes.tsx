import type { TextChange } from '@carillon/core/template/diff';
import { Skeleton, Stack, Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Mark } from '../elements/mark.tsx';

const CodeEditor = lazy(() => import('./code-editor.tsx'));

/** What differs between two versions, field by field. @param nameOf a field, for people. */
export function Changes({
  changes,
  nameOf,
}: {
  changes: readonly TextChange[];
  nameOf(change: TextChange): string;
}) {
  if (changes.length === 0) return <Text>They are equal.</Text>;
  return changes.map((each) => {
    const { channel, locale, field, change, before, after } = each;
    return (
      <Stack key={`${channel}/${locale}/${field}`} gap={4}>
        <Text size="sm" fw={550} component="div">
          {nameOf(each)}{' '}
          <Mark tone={change === 'removed' ? 'bad' : change === 'added' ? 'good' : 'waiting'}>{change}</Mark>
        </Text>
        <Suspense fallback={<Skeleton height={64} />}>
          <CodeEditor
            label={nameOf(each)}
            language={field === 'html' || field === 'mjml' ? 'html' : 'text'}
            value={after ?? ''}
            original={before ?? ''}
          />
        </Suspense>
      </Stack>
    );
  });
}
