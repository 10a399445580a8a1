import type { Category, PutCategoryRequest } from '@carillon/client/api-types';
import { isLanguageTag } from '@carillon/core/recipient/locale';
import {
  Alert,
  Button,
  Checkbox,
  Fieldset,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  Textarea,
  TextInput,
} from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { CarillonError, exchange } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { Loading } from '../elements/data-table.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { ProblemAlert, showErrors } from '../elements/problem.tsx';

/** Null for a category without settings. */
type Read = { category: Category; etag: string } | null;

const POLICIES = [
  { value: 'resolve', label: 'Wait for evidence, then decide by priority' },
  { value: 'at_least_once', label: 'Send again: twice is better than never' },
  { value: 'at_most_once', label: 'Never send again: never is better than twice' },
  { value: 'ask', label: 'Leave it to a person' },
];

export default function CategoryPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { tenant } = useHere();
  const query = useQuery({
    queryKey: [tenant.app, tenant.environment, 'category', name],
    queryFn: async ({ signal }): Promise<Read> => {
      try {
        const { body, header } = await exchange('getCategory', { path: { name } }, { signal });
        return { category: body, etag: header('etag') ?? '' };
      } catch (error) {
        if (error instanceof CarillonError && error.status === 404) return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  const title = name === '*' ? 'All other categories (*)' : name;
  return (
    <PageFrame
      title={title}
      description="What people see of it, whether they can opt out, and how its messages are treated."
    >
      {(query.isPending || (query.isFetching && query.isStale)) && <Loading />}
      {query.isError && <ProblemAlert error={query.error} retry={() => void query.refetch()} />}
      {query.data !== undefined && !(query.isFetching && query.isStale) && (
        <CategoryForm key={name} name={name} read={query.data} />
      )}
    </PageFrame>
  );
}

interface Language {
  locale: string;
  title: string;
  description: string;
}

interface Values {
  languages: Language[];
  unsubscribable: boolean;
  default: boolean;
  lock: boolean;
  delivery_policy: string;
  resolve_within_seconds: number | '';
  secret: boolean;
  track_opens: boolean;
  track_clicks: boolean;
}

function valuesOf(category: Category | null): Values {
  const { titles = {}, descriptions = {} } = category ?? {};
  const locales = [...new Set([...Object.keys(titles), ...Object.keys(descriptions)])];
  return {
    languages: (locales.length === 0 ? ['en'] : locales).map((locale) => ({
      locale,
      title: titles[locale] ?? '',
      description: descriptions[locale] ?? '',
    })),
    unsubscribable: category?.unsubscribable ?? false,
    default: category?.default ?? true,
    lock: category?.lock ?? false,
    delivery_policy: category?.delivery_policy ?? 'resolve',
    resolve_within_seconds: category?.resolve_within_seconds ?? '',
    secret: category?.secret ?? false,
    track_opens: category?.track_opens ?? false,
    track_clicks: category?.track_clicks ?? false,
  };
}

function bodyOf(values: Values, before: Category | null): PutCategoryRequest {
  const byLocale = (field: 'title' | 'description') =>
    Object.fromEntries(
      values.languages
        .filter((language) => language[field].trim() !== '')
        .map((language) => [language.locale.trim(), language[field].trim()]),
    );
  return {
    titles: byLocale('title'),
    descriptions: byLocale('description'),
    unsubscribable: values.unsubscribable,
    default: values.default,
    lock: values.lock,
    delivery_policy: values.delivery_policy as PutCategoryRequest['delivery_policy'],
    resolve_within_seconds: values.resolve_within_seconds === '' ? null : values.resolve_within_seconds,
    backoff_seconds: before?.backoff_seconds ?? null,
    secret: values.secret,
    track_opens: values.track_opens,
    track_clicks: values.track_clicks,
  };
}

function CategoryForm({ name, read }: { name: string; read: Read }) {
  const [base, setBase] = useState(read);
  const [theirs, setTheirs] = useState<Read>(null);
  const [error, setError] = useState<unknown>(null);
  const may = useMay();
  const { tenant } = useHere();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const readOnly = !may('categories:*');
  const form = useForm<Values>({
    initialValues: valuesOf(read?.category ?? null),
    validate: {
      languages: {
        locale: (locale, { languages }) => {
          if (!isLanguageTag(locale.trim())) return 'Write a language such as en, de or pt-BR.';
          const same = languages.filter(
            (each) => each.locale.trim().toLowerCase() === locale.trim().toLowerCase(),
          );
          return same.length > 1 ? 'This language is there twice.' : null;
        },
      },
    },
  });
  const { values } = form;

  const accept = (next: NonNullable<Read>) => {
    setBase(next);
    setTheirs(null);
    setError(null);
    form.setValues(valuesOf(next.category));
    queries.setQueryData([tenant.app, tenant.environment, 'category', name], next);
    void queries.invalidateQueries({ queryKey: [tenant.app, tenant.environment, 'categories'] });
  };
  const save = async (from: Read) => {
    setError(null);
    try {
      const body = bodyOf(form.getValues(), from?.category ?? null);
      const options = from === null ? {} : { ifMatch: from.etag };
      const stored = await exchange('putCategory', { path: { name }, body }, options);
      accept({ category: stored.body, etag: stored.header('etag') ?? '' });
      notifications.show({ message: `${name} is stored. It holds from the next message on.` });
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict') {
        const now = await exchange('getCategory', { path: { name } });
        setTheirs({ category: now.body, etag: now.header('etag') ?? '' });
      } else if (!showErrors(form, failure)) setError(failure);
    }
  };

  return (
    <form onSubmit={form.onSubmit(() => save(base))}>
      <Stack maw="44rem">
        {theirs !== null && (
          <Theirs
            theirs={theirs.category}
            onTake={() => accept(theirs)}
            onKeep={() => void save(theirs)}
            name={name}
          />
        )}
        {name !== '*' && (
          <Fieldset legend="What people see" disabled={readOnly}>
            <Stack>
              {values.languages.map((language, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity
                <Group key={index} align="start" gap="sm">
                  <TextInput label="Language" w={110} {...form.getInputProps(`languages.${index}.locale`)} />
                  <Stack gap="xs" style={{ flex: 1, minWidth: '14rem' }}>
                    <TextInput
                      label="Title"
                      dir="auto"
                      lang={language.locale}
                      {...form.getInputProps(`languages.${index}.title`)}
                    />
                    <Textarea
                      label="Description"
                      dir="auto"
                      lang={language.locale}
                      autosize
                      {...form.getInputProps(`languages.${index}.description`)}
                    />
                  </Stack>
                  <Button
                    variant="subtle"
                    mt={26}
                    onClick={() => form.removeListItem('languages', index)}
                    aria-label={`Remove ${language.locale}`}
                  >
                    Remove
                  </Button>
                </Group>
              ))}
              {form.errors['titles'] && <Text size="sm">{form.errors['titles']}</Text>}
              {form.errors['descriptions'] && <Text size="sm">{form.errors['descriptions']}</Text>}
              <div>
                <Button
                  variant="default"
                  onClick={() => form.insertListItem('languages', { locale: '', title: '', description: '' })}
                >
                  Add a language
                </Button>
              </div>
            </Stack>
          </Fieldset>
        )}
        <Fieldset legend="What people can choose" disabled={readOnly}>
          <Stack>
            <Checkbox
              label="People may opt out"
              description="Its e-mails carry an unsubscribe link, and it is on their preference page."
              {...form.getInputProps('unsubscribable', { type: 'checkbox' })}
            />
            <Checkbox
              label="On by default"
              description="If not, recipients have to opt in before they get it."
              {...form.getInputProps('default', { type: 'checkbox' })}
            />
            <Checkbox
              label="Locked"
              description="Nobody can opt out of it."
              {...form.getInputProps('lock', { type: 'checkbox' })}
            />
          </Stack>
        </Fieldset>
        <Fieldset legend="How its messages are treated" disabled={readOnly}>
          <Stack>
            <Select
              label="When it is unknown whether one was sent"
              data={POLICIES}
              allowDeselect={false}
              {...form.getInputProps('delivery_policy')}
            />
            <NumberInput
              label="Seconds to wait for evidence"
              description="Empty: as the priority says"
              min={1}
              max={86_400}
              allowDecimal={false}
              {...form.getInputProps('resolve_within_seconds')}
            />
            <Checkbox
              label="Secret"
              description="Texts and data are removed as soon as a message is final: for one-time passwords."
              {...form.getInputProps('secret', { type: 'checkbox' })}
            />
            <Checkbox
              label="Count opens of e-mails"
              {...form.getInputProps('track_opens', { type: 'checkbox' })}
            />
            <Checkbox
              label="Count clicks in e-mails"
              {...form.getInputProps('track_clicks', { type: 'checkbox' })}
            />
          </Stack>
        </Fieldset>
        {error !== null && <ProblemAlert error={error} />}
        {!readOnly && (
          <Group>
            <Button type="submit" loading={form.submitting}>
              Save
            </Button>
            {base !== null && (
              <ConfirmButton
                label="Forget the settings"
                title={`Forget the settings of ${name}?`}
                confirm="Forget them"
                done={`${name} has no settings any more.`}
                danger
                action={async () => {
                  await exchange('deleteCategory', { path: { name } });
                  await queries.invalidateQueries({
                    queryKey: [tenant.app, tenant.environment, 'categories'],
                  });
                  void navigate({ to: '/categories' });
                }}
              >
                Its messages are then treated as “*” says, or by the defaults. What people chose stays.
              </ConfirmButton>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** Somebody else stored it meanwhile. */
function Theirs({
  theirs,
  name,
  onTake,
  onKeep,
}: {
  theirs: Category;
  name: string;
  onTake(): void;
  onKeep(): void;
}) {
  const yesNo = (value: boolean): string => (value ? 'yes' : 'no');
  return (
    <Alert color="red" variant="outline" role="alert" title={`Somebody changed ${name} meanwhile`}>
      <Stack gap="sm">
        <Text size="sm">Nothing was overwritten. This is what is there now:</Text>
        <Facts
          facts={[
            ...Object.entries(theirs.titles).map(
              ([locale, title]) => [`Title (${locale})`, title] as [string, string],
            ),
            ...Object.entries(theirs.descriptions).map(
              ([locale, text]) => [`Description (${locale})`, text] as [string, string],
            ),
            ['People may opt out', yesNo(theirs.unsubscribable)],
            ['On by default', yesNo(theirs.default)],
            ['Locked', yesNo(theirs.lock)],
            ['Policy', POLICIES.find(({ value }) => value === theirs.delivery_policy)?.label],
            ['Secret', yesNo(theirs.secret)],
          ]}
        />
        <Group>
          <Button variant="default" onClick={onTake}>
            Drop mine, go on with this
          </Button>
          <Button variant="default" onClick={onKeep}>
            Save mine in its place
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
