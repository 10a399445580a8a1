import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { fromLocalInput, toLocalInput, ZONE } from './time.tsx';

const written = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });
const utc = new Intl.DateTimeFormat(undefined, {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC',
});

/** A moment to come, in the zone of the person who writes, which is written out. @param value RFC 3339, or ''. */
export function MomentInput({
  label,
  value,
  onChange,
  error,
  required = false,
}: {
  label: string;
  value: string;
  onChange(value: string): void;
  error?: string | null;
  required?: boolean;
}) {
  const pick = (at: Date) => onChange(at.toISOString());
  return (
    <Stack gap={6}>
      <TextInput
        type="datetime-local"
        label={`${label} (${ZONE})`}
        required={required}
        value={value === '' ? '' : toLocalInput(value)}
        onChange={(event) => {
          const { value: text } = event.currentTarget;
          onChange(text === '' || Number.isNaN(Date.parse(text)) ? '' : fromLocalInput(text));
        }}
        error={error}
      />
      <Group gap="xs">
        <Button size="compact-sm" variant="default" onClick={() => pick(hoursFromNow(1))}>
          In an hour
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => pick(atHour(1, 9))}>
          Tomorrow at 9
        </Button>
        <Button size="compact-sm" variant="default" onClick={() => pick(nextMonday())}>
          Monday at 9
        </Button>
      </Group>
      {value !== '' && (
        <Text size="sm" className="dim" role="status">
          {written.format(new Date(value))} in {ZONE}; {utc.format(new Date(value))} UTC
        </Text>
      )}
    </Stack>
  );
}

function hoursFromNow(hours: number): Date {
  const at = new Date(Date.now() + hours * 3_600_000);
  at.setSeconds(0, 0);
  return at;
}

function atHour(days: number, hour: number): Date {
  const at = new Date();
  at.setDate(at.getDate() + days);
  at.setHours(hour, 0, 0, 0);
  return at;
}

function nextMonday(): Date {
  const today = new Date().getDay();
  return atHour((8 - today) % 7 || 7, 9);
}
