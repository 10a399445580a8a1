import type { Campaign, PatchCampaignRequest } from '@carillon/client/api-types';
import { CHANNELS } from '@carillon/core/notification/channel';
import {
  Anchor,
  Fieldset,
  JsonInput,
  MultiSelect,
  NumberInput,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { call } from '../../api/call.ts';
import { useHere } from '../../api/session.tsx';
import { ProblemAlert, showErrors } from '../../elements/problem.tsx';
import { CHANNEL_NAMES } from '../../templates/texts.ts';
import type { ContentValues } from './content-values.ts';
import { type StepProps, useUnsaved } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';
import { VariableFields } from './variable-fields.tsx';
import { VariantFields } from './variant-fields.tsx';

const valuesOf = (campaign: Campaign): ContentValues => ({
  name: campaign.name,
  kind: campaign.variants.length > 0 ? 'several' : 'one',
  template: campaign.template ?? '',
  variants:
    campaign.variants.length > 0
      ? campaign.variants.map(({ key, template, weight }) => ({ key, template, weight }))
      : [
          { key: 'a', template: campaign.template ?? '', weight: 1 },
          { key: 'b', template: '', weight: 1 },
        ],
  holdout_percent: campaign.holdout_percent,
  route: campaign.route,
  category: campaign.category ?? '',
  variables: campaign.variables,
  data: Object.keys(campaign.data).length === 0 ? '' : JSON.stringify(campaign.data, null, 2),
  priority: campaign.priority === 'normal' ? 'normal' : 'bulk',
  events: campaign.events,
});

function patchOf(values: ContentValues): PatchCampaignRequest {
  const isOne = values.kind === 'one';
  const given = Object.entries(values.variables).filter(([, field]) => field.trim() !== '');
  return {
    name: values.name.trim(),
    template: isOne && values.template !== '' ? values.template : null,
    variants: isOne ? [] : values.variants.map((each) => ({ ...each, key: each.key.trim() })),
    holdout_percent: values.holdout_percent === '' ? 0 : values.holdout_percent,
    route: values.route,
    category: values.category === '' ? null : values.category,
    variables: Object.fromEntries(given.map(([name, field]) => [name, field.trim()])),
    data: dataOf(values.data) ?? {},
    priority: values.priority,
    events: values.events,
  };
}

/** null for what is not a JSON object. */
export function dataOf(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** What is sent, by which channel, and where its variables come from. */
export default function ContentStep({ campaign, readOnly, save, next }: StepProps) {
  const { tenant } = useHere();
  const here = [tenant.app, tenant.environment];
  const [error, setError] = useState<unknown>(null);
  const goesOn = useRef(true);
  const form = useForm<ContentValues>({
    initialValues: valuesOf(campaign),
    validate: {
      name: (name) => (name.trim() === '' ? 'Give it a name.' : null),
      data: (text) => (dataOf(text) === null ? 'Write a JSON object: { "shop": "Berlin" }.' : null),
      variants: (variants, { kind }) =>
        kind === 'several' && variants.some(({ key, template }) => key.trim() === '' || template === '')
          ? 'Each text needs a name and a template.'
          : null,
    },
  });
  const leave = useUnsaved(form.isDirty());
  const templates = useQuery({
    queryKey: [...here, 'templates', 'all'],
    queryFn: ({ signal }) => call('listTemplates', { query: { limit: 200 } }, { signal }),
  });
  const categories = useQuery({
    queryKey: [...here, 'categories', 'all'],
    queryFn: ({ signal }) => call('listCategories', { query: { limit: 200 } }, { signal }),
    retry: false,
  });
  const { values } = form;
  const chosen = values.kind === 'one' ? [values.template] : values.variants.map(({ template }) => template);
  const keys = [...new Set(chosen.filter((key) => key !== ''))];
  const texts = useQueries({
    queries: keys.map((key) => ({
      queryKey: [...here, 'template', key],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        call('getTemplate', { path: { key }, query: {} }, { signal }),
    })),
  });
  const found = texts.flatMap(({ data }) => (data === undefined ? [] : [data]));
  const required = [...new Set(found.flatMap((template) => template.required_variables))];
  const channels = CHANNELS.filter((channel) =>
    found.every((template) => template.channels[channel] !== undefined),
  );
  const hasEmail = values.route.includes('email');
  const offered = (categories.data?.data ?? []).filter(({ name }) => name !== '*');
  const allowed = offered.filter(({ unsubscribable, lock }) => !hasEmail || (unsubscribable && !lock));
  const submit = form.onSubmit(async (given) => {
    setError(null);
    try {
      leave();
      if ((await save(patchOf(given))) && goesOn.current) next();
    } catch (failure) {
      leave(false);
      if (!showErrors(form, failure)) setError(failure);
    }
  });
  const keysOfTemplates = templates.data?.data.map(({ key }) => key) ?? [];

  return (
    <form onSubmit={submit}>
      <Stack maw="46rem">
        <Fieldset legend="What is sent" disabled={readOnly}>
          <Stack>
            <TextInput label="Name" required maxLength={200} {...form.getInputProps('name')} />
            <SegmentedControl
              aria-label="How many texts"
              data={[
                { value: 'one', label: 'One text' },
                { value: 'several', label: 'Several to compare' },
              ]}
              disabled={readOnly}
              {...form.getInputProps('kind')}
            />
            {values.kind === 'one' ? (
              <Select
                label="Template"
                placeholder="Choose one"
                description={
                  <>
                    Published ones. Write more under <Link to="/templates">Templates</Link>.
                  </>
                }
                data={keysOfTemplates}
                searchable
                clearable
                {...form.getInputProps('template')}
                value={values.template === '' ? null : values.template}
                onChange={(key) => form.setFieldValue('template', key ?? '')}
              />
            ) : (
              <VariantFields form={form} templates={keysOfTemplates} />
            )}
            <NumberInput
              label="Held out, in percent"
              description="This share of the audience gets nothing, to compare what they do without it."
              min={0}
              max={50}
              allowDecimal={false}
              maw="14rem"
              {...form.getInputProps('holdout_percent')}
            />
          </Stack>
        </Fieldset>
        <Fieldset legend="How it is sent" disabled={readOnly}>
          <Stack>
            <MultiSelect
              label="Channels"
              description="Each person gets it by the first one that reaches them."
              placeholder={values.route.length === 0 ? 'Choose one at least' : ''}
              data={channels.map((channel) => ({ value: channel, label: CHANNEL_NAMES[channel] }))}
              {...form.getInputProps('route')}
            />
            <Select
              label="Category"
              description={
                hasEmail
                  ? 'By e-mail people must be able to opt out: only such categories are offered.'
                  : 'What it is about; people who opted out of it do not get it.'
              }
              placeholder="none"
              data={allowed.map(({ name }) => name)}
              clearable
              searchable
              {...form.getInputProps('category')}
              error={
                form.errors['category'] ??
                (hasEmail && values.category !== '' && !allowed.some(({ name }) => name === values.category)
                  ? `${values.category} cannot be used by e-mail: people cannot opt out of it.`
                  : undefined)
              }
              value={values.category === '' ? null : values.category}
              onChange={(name) => form.setFieldValue('category', name ?? '')}
            />
            {hasEmail && categories.isSuccess && allowed.length === 0 && (
              <Text size="sm">
                There is no category that people can opt out of.{' '}
                <Anchor component={Link} to="/categories" size="sm">
                  Make one
                </Anchor>
                .
              </Text>
            )}
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              <Select
                label="Priority"
                allowDeselect={false}
                data={[
                  { value: 'bulk', label: 'Bulk: everything else goes first' },
                  { value: 'normal', label: 'Normal' },
                ]}
                {...form.getInputProps('priority')}
              />
              <Select
                label="Webhook events"
                allowDeselect={false}
                data={[
                  { value: 'problems', label: 'Of messages that failed' },
                  { value: 'all', label: 'Of all its messages' },
                ]}
                {...form.getInputProps('events')}
              />
            </SimpleGrid>
          </Stack>
        </Fieldset>
        <Fieldset legend="Variables" disabled={readOnly}>
          <Stack>
            <VariableFields
              required={required}
              variables={values.variables}
              shared={dataOf(values.data) ?? {}}
              onChange={(variables) => form.setFieldValue('variables', variables)}
              errors={form.errors}
            />
            <JsonInput
              label="The same for everybody"
              description="Variables that all recipients share, as JSON. What a recipient has goes before it."
              autosize
              minRows={2}
              maxRows={12}
              {...form.getInputProps('data')}
            />
          </Stack>
        </Fieldset>
        {error !== null && <ProblemAlert error={error} />}
        <StepButtons
          busy={form.submitting}
          readOnly={readOnly}
          next={next}
          onSave={(on) => {
            goesOn.current = on;
          }}
        />
      </Stack>
    </form>
  );
}
