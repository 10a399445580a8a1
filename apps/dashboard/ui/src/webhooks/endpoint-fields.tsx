import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import { MultiSelect, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';

export interface EndpointValues {
  url: string;
  description: string;
  event_types: string[];
}

export type { EventType };

/** The fields of an endpoint, for a new one and for a change. */
export function EndpointFields({ form }: { form: UseFormReturnType<EndpointValues> }) {
  return (
    <>
      <TextInput
        label="Address"
        description="https; it gets signed POSTs and answers 2xx within 15 seconds."
        placeholder="https://example.com/carillon"
        required
        {...form.getInputProps('url')}
      />
      <TextInput label="Remark" maxLength={255} {...form.getInputProps('description')} />
      <MultiSelect
        label="Events"
        description="None chosen is every event."
        placeholder={form.values.event_types.length === 0 ? 'every event' : undefined}
        searchable
        clearable
        data={Object.keys(EVENT_TYPES)}
        {...form.getInputProps('event_types')}
      />
    </>
  );
}

/** As the API takes them. */
export const fieldsOf = ({ url, description, event_types }: EndpointValues) => ({
  url: url.trim(),
  description: description.trim() === '' ? null : description.trim(),
  event_types: event_types as EventType[],
});
