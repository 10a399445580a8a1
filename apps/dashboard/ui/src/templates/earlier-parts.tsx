import { Alert, Group, Text } from '@mantine/core';
import { useMay } from '../api/session.tsx';
import { PublishAgain } from '../layouts/publish-again.tsx';
import { useParts } from '../layouts/read.ts';

/**
 * Says which layouts and partials a published template has in an earlier text; nothing where all are as they are now.
 *
 * @param isDirty what is written and not saved would be lost by publishing here.
 */
export function EarlierParts({
  templateKey,
  isDirty,
  onPublished,
}: {
  templateKey: string;
  isDirty: boolean;
  onPublished(): Promise<void>;
}) {
  const layouts = useParts('layout');
  const partials = useParts('partial');
  const may = useMay();
  const earlier = [...(layouts.data ?? []), ...(partials.data ?? [])]
    .filter(({ used_by }) => used_by.templates.some(({ key, current }) => key === templateKey && !current))
    .map(({ key }) => key);
  if (earlier.length === 0) return null;
  return (
    <Alert color="yellow" variant="outline" title={`${earlier.join(', ')} changed since this was published`}>
      <Group justify="space-between" gap="sm">
        <Text size="sm">New messages have the earlier text until the template is published again.</Text>
        {may('templates:*') && !isDirty && (
          <PublishAgain
            keys={[templateKey]}
            label="Publish again"
            size="xs"
            onPublished={async () => {
              await Promise.all([onPublished(), layouts.refetch(), partials.refetch()]);
            }}
          />
        )}
      </Group>
    </Alert>
  );
}
