import { Button, Collapse, Group, Stack, TextInput } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import { fromLocalInput, toLocalInput, ZONE } from './time.tsx';

interface FilterProps {
  label: string;
  /** As it stands in the address. */
  value: string | undefined;
  /** undefined removes it. */
  change(value: string | undefined): void;
}

const WIDTH = { base: '100%', xs: 190 };

/** The text while it is being written; a change of the address from elsewhere replaces it. */
export function useDraft(value: string): [string, (text: string) => void] {
  const [text, setText] = useState(value);
  const [last, setLast] = useState(value);
  if (value !== last) {
    setLast(value);
    setText(value);
  }
  return [text, setText];
}

/** A filter that is compared as a whole: it narrows when it is left, or with Enter. */
export function TextFilter({
  label,
  value = '',
  change,
  placeholder,
}: FilterProps & { placeholder?: string }) {
  const [text, setText] = useDraft(value);
  const apply = () => text.trim() !== value && change(text.trim() || undefined);
  return (
    <TextInput
      label={label}
      placeholder={placeholder}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => event.key === 'Enter' && apply()}
      w={WIDTH}
    />
  );
}

/** A moment in the viewer's zone, as RFC 3339 in the address. */
export function MomentFilter({ label, value, change }: FilterProps) {
  const isTime = value !== undefined && !Number.isNaN(Date.parse(value));
  const set = (text: string) => change(text === '' ? undefined : fromLocalInput(text));
  return (
    <TextInput
      type="datetime-local"
      label={`${label} (${ZONE})`}
      value={isTime ? toLocalInput(value) : ''}
      onChange={(event) => set(event.currentTarget.value)}
      w={{ base: '100%', xs: 210 }}
    />
  );
}

/**
 * The filters of a list. On a narrow screen they lie behind a button, so that the list is seen first.
 *
 * @param label "Filters of the audit log".
 * @param set how many narrow the list.
 * @param clear takes them all away.
 */
export function FilterBar({
  label,
  set,
  clear,
  children,
}: {
  label: string;
  set: number;
  clear(): void;
  children: ReactNode;
}) {
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false;
  const [opened, { toggle }] = useDisclosure();
  const fields = (
    <Group align="end" gap="sm">
      {children}
      {set > 0 && (
        <Button variant="subtle" color="gray" onClick={clear}>
          Show all
        </Button>
      )}
    </Group>
  );
  return (
    <search aria-label={label}>
      {isNarrow ? (
        <Stack gap="sm">
          <Button variant="default" onClick={toggle} aria-expanded={opened} style={{ alignSelf: 'start' }}>
            {set === 0 ? 'Filters' : `Filters (${set})`}
          </Button>
          <Collapse expanded={opened}>{fields}</Collapse>
        </Stack>
      ) : (
        fields
      )}
    </search>
  );
}
