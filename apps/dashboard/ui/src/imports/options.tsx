import { Alert, Checkbox, Radio, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useHere, useMay } from '../api/session.tsx';
import type { ImportDraft } from './draft.ts';

/** Where it goes, what happens to fields that a row does not give, and what becomes of opt-outs. */
export function ImportOptions({ draft, change }: { draft: ImportDraft; change(next: ImportDraft): void }) {
  const { session, tenant } = useHere();
  const navigate = useNavigate();
  const app = session.apps.find(({ id }) => id === tenant.app)?.name ?? tenant.app;
  return (
    <Stack gap="md" maw="46rem" component="section" aria-labelledby="import-options">
      <Title order={2} id="import-options">
        How it is imported
      </Title>
      <Stack gap={4}>
        <Text size="sm" fw={500} id="import-environment">
          Into {app}
        </Text>
        <SegmentedControl
          aria-labelledby="import-environment"
          data={[
            { value: 'live', label: 'Live' },
            { value: 'test', label: 'Test' },
          ]}
          value={tenant.environment}
          onChange={(env) =>
            void navigate({
              to: '.',
              search: ((before: object) => ({ ...before, app: tenant.app, env })) as never,
            })
          }
          style={{ alignSelf: 'start' }}
        />
      </Stack>
      <Radio.Group
        label="What a row does not give"
        value={draft.mode}
        onChange={(mode) => change({ ...draft, mode: mode as ImportDraft['mode'] })}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="upsert"
            label="stays as it is"
            description="Empty cells and missing columns change nothing."
          />
          <Radio
            value="replace"
            label="is removed"
            description="E-mail, phone, locale, time zone and attributes of the people in the file. Devices, preferences and suppressions stay."
          />
        </Stack>
      </Radio.Group>
      <OptOuts draft={draft} change={change} />
    </Stack>
  );
}

function OptOuts({ draft, change }: { draft: ImportDraft; change(next: ImportDraft): void }) {
  const may = useMay();
  return (
    <Stack gap="xs">
      <Text size="sm">
        <strong>An opt-out is never turned into an opt-in.</strong> A preference that is true in the file
        counts only for people who have not said anything about it; false always counts. Addresses that were
        disabled by a bounce or STOP stay disabled.
      </Text>
      {may('suppressions:*') && (
        <Checkbox
          label="The people in this file have asked to get messages again"
          checked={draft.resubscribe}
          onChange={(event) => change({ ...draft, resubscribe: event.currentTarget.checked })}
        />
      )}
      {draft.resubscribe && (
        <Alert color="red" variant="outline" role="alert" title="This overrides opt-outs">
          <Text size="sm">
            Preferences of the file count also after an opt-out, its addresses are enabled again and their
            suppressions are lifted, complaints included. Do this only where you can prove that each of these
            people asked for it: else it is unlawful in many countries and costs you the reputation of your
            addresses. The audit log keeps who did it and how many people it was.
          </Text>
        </Alert>
      )}
    </Stack>
  );
}
