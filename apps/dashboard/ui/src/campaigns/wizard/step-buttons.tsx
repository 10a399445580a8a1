import { Button, Group } from '@mantine/core';

/** The end of a step's form. "Save" stays here, "Save and go on" leads to the next step. */
export function StepButtons({
  busy,
  readOnly,
  next,
  onSave,
}: {
  busy: boolean;
  readOnly: boolean;
  next(): void;
  /** @param goesOn whether the next step is opened afterwards. */
  onSave(goesOn: boolean): void;
}) {
  if (readOnly)
    return (
      <Group>
        <Button variant="default" onClick={next}>
          Next step
        </Button>
      </Group>
    );
  return (
    <Group>
      <Button type="submit" loading={busy} onClick={() => onSave(true)}>
        Save and go on
      </Button>
      <Button type="submit" variant="default" loading={busy} onClick={() => onSave(false)}>
        Save
      </Button>
    </Group>
  );
}
