import { Button, Group, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { ContentValues } from './content-values.ts';

/** As the API allows; the rule's own file needs Node. */
const MAX_VARIANTS = 10;
const MAX_VARIANT_WEIGHT = 1_000;

/** The texts of a comparison and the share of each. */
export function VariantFields({
  form,
  templates,
}: {
  form: UseFormReturnType<ContentValues>;
  templates: readonly string[];
}) {
  const { variants } = form.values;
  const sum = variants.reduce((all, { weight }) => all + (Number(weight) || 0), 0);
  return (
    <Stack gap="sm" role="group" aria-label="Texts to compare">
      {variants.map((variant, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
        <Group key={index} align="end" gap="sm">
          <TextInput
            label={`Name of text ${index + 1}`}
            w={140}
            maxLength={64}
            {...form.getInputProps(`variants.${index}.key`)}
          />
          <Select
            label={`Template of text ${index + 1}`}
            placeholder="Choose one"
            data={[...templates]}
            searchable
            style={{ flex: '1 1 12rem' }}
            {...form.getInputProps(`variants.${index}.template`)}
            value={variant.template === '' ? null : variant.template}
            onChange={(key) => form.setFieldValue(`variants.${index}.template`, key ?? '')}
          />
          <NumberInput
            label={`Weight of text ${index + 1}`}
            min={1}
            max={MAX_VARIANT_WEIGHT}
            allowDecimal={false}
            w={130}
            {...form.getInputProps(`variants.${index}.weight`)}
          />
          <Text size="sm" className="dim" w="3.5rem" pb={8}>
            {sum === 0 ? '' : `${Math.round((100 * (Number(variant.weight) || 0)) / sum)} %`}
          </Text>
          {variants.length > 2 && (
            <Button
              variant="subtle"
              onClick={() => form.removeListItem('variants', index)}
              aria-label={`Remove text ${index + 1}`}
            >
              Remove
            </Button>
          )}
        </Group>
      ))}
      {form.errors['variants'] && <Text size="sm">{form.errors['variants']}</Text>}
      {variants.length < MAX_VARIANTS && (
        <div>
          <Button
            variant="default"
            onClick={() =>
              form.insertListItem('variants', {
                key: String.fromCharCode(97 + variants.length),
                template: '',
                weight: 1,
              })
            }
          >
            Add a text
          </Button>
        </div>
      )}
    </Stack>
  );
}
