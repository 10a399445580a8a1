import type { ApiKey } from '@carillon/client/api-types';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { FilterBar, MomentFilter, TextFilter } from '../elements/filter-fields.tsx';
import { useFilters } from '../elements/filters.ts';

const NAMES = [
  'key_id',
  'method',
  'route',
  'status',
  'code',
  'request_id',
  'created_after',
  'created_before',
] as const;
type Name = (typeof NAMES)[number];
type Change = (next: Partial<Record<Name, string | undefined>>) => void;

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const STATUSES = [
  { value: 'problem', label: 'Problems' },
  { value: '2xx', label: '2xx, done' },
  { value: '4xx', label: '4xx, refused' },
  { value: '5xx', label: '5xx, failed here' },
  { value: '401', label: '401' },
  { value: '403', label: '403, not allowed' },
  { value: '404', label: '404, not found' },
  { value: '409', label: '409, conflict' },
  { value: '422', label: '422, not valid' },
  { value: '429', label: '429, too many' },
];

/** The filters of the request log, which stand in the address. */
export function useRequestFilters() {
  const [values, change] = useFilters(NAMES);
  const { method, ...rest } = values;
  const known = METHODS.find((each) => each === method);
  return {
    values,
    query: { ...rest, ...(known !== undefined && { method: known }) },
    isNarrowed: Object.keys(values).length > 0,
    change: change as Change,
  };
}

/** The keys of this app and environment, for those who may see them: a name says more than an id. */
export function useKeys(): readonly ApiKey[] {
  const { tenant } = useHere();
  const may = useMay();
  const { data } = useQuery({
    queryKey: [tenant.app, tenant.environment, 'keys-by-name'],
    queryFn: ({ signal }) => call('listApiKeys', { query: { limit: 200 } }, { signal }),
    enabled: may('keys:*'),
    staleTime: 60_000,
  });
  return data?.data.filter(({ environment }) => environment === tenant.environment) ?? [];
}

export function RequestFilters({
  filters: { values, change },
  keys,
}: {
  filters: ReturnType<typeof useRequestFilters>;
  keys: readonly ApiKey[];
}) {
  const width = { base: '100%', xs: 180 };
  return (
    <FilterBar
      label="Filters of the request log"
      set={Object.keys(values).length}
      clear={() => change(Object.fromEntries(NAMES.map((name) => [name, undefined])))}
    >
      {keys.length > 0 ? (
        <Select
          label="Key"
          placeholder="Every key"
          data={keys.map(({ id, name }) => ({ value: id, label: `${name} (${id.slice(0, 6)})` }))}
          value={values.key_id ?? null}
          onChange={(id) => change({ key_id: id ?? undefined })}
          searchable
          clearable
          w={width}
        />
      ) : (
        <TextFilter
          label="Key"
          placeholder="Its id"
          value={values.key_id}
          change={(key_id) => change({ key_id })}
        />
      )}
      <Select
        label="Answer"
        placeholder="Every answer"
        data={STATUSES}
        value={values.status ?? null}
        onChange={(status) => change({ status: status ?? undefined })}
        clearable
        w={width}
      />
      <Select
        label="Method"
        placeholder="Every method"
        data={[...METHODS]}
        value={values.method ?? null}
        onChange={(method) => change({ method: method ?? undefined })}
        clearable
        w={{ base: '100%', xs: 140 }}
      />
      <TextFilter
        label="Route"
        placeholder="/v1/notifications/:id"
        value={values.route}
        change={(route) => change({ route })}
      />
      <TextFilter
        label="Problem code"
        placeholder="invalid_request"
        value={values.code}
        change={(code) => change({ code })}
      />
      <TextFilter
        label="Request id"
        placeholder="X-Request-Id"
        value={values.request_id}
        change={(request_id) => change({ request_id })}
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
