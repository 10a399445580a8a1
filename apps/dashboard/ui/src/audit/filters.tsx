import { Autocomplete, SegmentedControl } from '@mantine/core';
import { FilterBar, MomentFilter, TextFilter, useDraft } from '../elements/filter-fields.tsx';
import { useFilters } from '../elements/filters.ts';

const NAMES = ['actor', 'action', 'subject', 'created_after', 'created_before'] as const;
type Name = (typeof NAMES)[number];

/** The nouns of the log; any other action can be typed. */
const ACTIONS = [
  'api_key.',
  'app.',
  'breaker.',
  'category.',
  'installation.',
  'notification.',
  'notification.read_content',
  'notification.retry',
  'provider_account.',
  'recipient.',
  'staff.',
  'staff.login',
  'suppression.',
  'template.',
  'webhook_endpoint.',
];

export interface AuditFilterState {
  values: Partial<Record<Name, string>>;
  /** For the API. */
  query: Partial<Record<Name, string>>;
  /** Of the whole installation, not of the app of the page. */
  isOfAll: boolean;
  isNarrowed: boolean;
  change(next: Partial<Record<Name | 'of', string | undefined>>): void;
}

/** The filters of the audit log, which stand in the address. */
export function useAuditFilters(): AuditFilterState {
  const [{ of, ...values }, change] = useFilters([...NAMES, 'of'] as const);
  return {
    values,
    query: values,
    isOfAll: of === 'all',
    isNarrowed: Object.keys(values).length > 0,
    change,
  };
}

export function AuditFilters({
  filters,
  mayEverywhere,
}: {
  filters: AuditFilterState;
  mayEverywhere: boolean;
}) {
  const { values, change } = filters;
  return (
    <FilterBar
      label="Filters of the audit log"
      set={Object.keys(values).length}
      clear={() => change(Object.fromEntries(NAMES.map((name) => [name, undefined])))}
    >
      {mayEverywhere && (
        <SegmentedControl
          aria-label="Whose entries"
          data={[
            { value: 'app', label: 'This app' },
            { value: 'all', label: 'Whole installation' },
          ]}
          value={filters.isOfAll ? 'all' : 'app'}
          onChange={(of) => change({ of: of === 'all' ? 'all' : undefined })}
        />
      )}
      <TextFilter
        label="Who"
        placeholder="staff:ada@acme.example"
        value={values.actor}
        change={(actor) => change({ actor })}
      />
      <ActionFilter value={values.action} change={(action) => change({ action })} />
      <TextFilter
        label="What"
        placeholder="template:welcome"
        value={values.subject}
        change={(subject) => change({ subject })}
      />
      <MomentFilter
        label="From"
        value={values.created_after}
        change={(created_after) => change({ created_after })}
      />
      <MomentFilter
        label="Until"
        value={values.created_before}
        change={(created_before) => change({ created_before })}
      />
    </FilterBar>
  );
}

function ActionFilter({
  value = '',
  change,
}: {
  value: string | undefined;
  change(action: string | undefined): void;
}) {
  const [text, setText] = useDraft(value);
  const apply = (next: string) => next.trim() !== value && change(next.trim() || undefined);
  return (
    <Autocomplete
      label="Action"
      placeholder="template. or staff.login"
      data={ACTIONS}
      value={text}
      onChange={setText}
      onOptionSubmit={apply}
      onBlur={() => apply(text)}
      onKeyDown={(event) => event.key === 'Enter' && apply(text)}
      w={{ base: '100%', xs: 190 }}
    />
  );
}
