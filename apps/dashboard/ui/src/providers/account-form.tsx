import type { Provider, ProviderAccountWithHealth } from '@carillon/client/api-types';
import { Alert, Button, Fieldset, Group, Stack, Switch, Text, Textarea } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { CarillonError, exchangeLive } from '../api/call.ts';
import { ProblemAlert } from '../elements/problem.tsx';
import { Conflict } from './conflict.tsx';
import { FieldInput } from './field-input.tsx';
import { bodyOf, type FieldValues, keyOf, secretGroups, valuesOf } from './fields.ts';
import { readAccount, type TaggedAccount } from './queries.ts';

const GROUP_WORDS: Readonly<Record<string, string>> = {
  credentials: 'Credentials',
  receipts: 'What its reports are checked against',
  dkim: 'DKIM signature',
};

/**
 * The settings of an account as a form that is made from the description of its provider.
 *
 * @param read what the change starts from; null for a new account.
 * @param id null while it has none that is valid.
 */
export function AccountForm({
  provider,
  read,
  id,
  onSaved,
}: {
  provider: Provider;
  read: TaggedAccount | null;
  id: string | null;
  onSaved(account: ProviderAccountWithHealth['id']): void;
}) {
  const queries = useQueryClient();
  const [from, setFrom] = useState(read);
  const [theirs, setTheirs] = useState<TaggedAccount | null>(null);
  const [error, setError] = useState<unknown>(null);
  const groups = secretGroups(provider);
  const [replaced, setReplaced] = useState<ReadonlySet<string>>(
    new Set(read === null ? groups.flatMap(({ group, isRequired }) => (isRequired ? [group] : [])) : []),
  );
  const form = useForm<FieldValues>({
    mode: 'controlled',
    initialValues: valuesOf(provider.fields, read?.account ?? null),
  });
  const [enabled, setEnabled] = useState(read?.account.enabled ?? true);

  const submit = form.onSubmit(async (values) => {
    setError(null);
    if (id === null) return setError(new Error('Give the account an id first.'));
    try {
      const body = bodyOf(provider, values, enabled, replaced);
      await exchangeLive(
        'putProviderAccount',
        { path: { account: id }, body },
        from === null ? {} : { ifMatch: from.etag },
      );
      await queries.invalidateQueries();
      notifications.show({ message: `${id} is saved. It holds for everything that is not sent yet.` });
      onSaved(id);
    } catch (failure) {
      if (failure instanceof CarillonError && failure.code === 'conflict')
        return setTheirs(await readAccount(id));
      if (!showFieldErrors(failure)) setError(failure);
    }
  });

  const showFieldErrors = (failure: unknown): boolean => {
    if (!(failure instanceof CarillonError) || failure.errors.length === 0) return false;
    const known = new Set(provider.fields.map(({ name }) => name));
    // `receipts.secrets.0` belongs to `receipts.secrets`.
    const fieldOf = (path: string) => [...known].find((name) => path === name || path.startsWith(`${name}.`));
    form.setErrors(
      Object.fromEntries(failure.errors.map(({ path, message }) => [keyOf(fieldOf(path) ?? path), message])),
    );
    for (const { path } of failure.errors)
      if (GROUP_WORDS[path]) setReplaced((before) => new Set([...before, path]));
    return failure.errors.every(({ path }) => fieldOf(path) !== undefined);
  };

  const inputs = (names: readonly string[]): ReactNode =>
    provider.fields
      .filter(({ name }) => names.includes(name))
      .map((field) => (
        <FieldInput
          key={field.name}
          field={field}
          isRequired={field.required || (field.secret && field.required_in_group)}
          value={form.values[keyOf(field.name)] ?? ''}
          error={form.errors[keyOf(field.name)] as string | undefined}
          onChange={(value) => form.setFieldValue(keyOf(field.name), value)}
        />
      ));
  const named = (is: (name: string) => boolean) =>
    provider.fields.filter(({ name, secret }) => !secret && is(name)).map(({ name }) => name);
  const labels = Object.fromEntries(provider.fields.map(({ name, label }) => [keyOf(name), label]));

  return (
    <form onSubmit={submit} aria-label="Settings">
      <Stack gap="lg" maw="46rem">
        {theirs && from && (
          <Conflict
            was={comparable(provider, from)}
            now={comparable(provider, theirs)}
            mine={{ ...withoutSecrets(provider, form.values), enabled }}
            labels={{ ...labels, enabled: 'Used', fingerprint: 'Fingerprint of the credentials' }}
            take={({ enabled: next, fingerprint: _, ...values }) => {
              form.setValues(values as FieldValues);
              setEnabled(next === true);
              setFrom(theirs);
              setTheirs(null);
            }}
          />
        )}
        <Switch
          label="Use this account"
          checked={enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        <Fieldset legend="Settings">
          <Stack>{inputs(named((name) => !PLACE.has(name.split('.')[0]!)))}</Stack>
        </Fieldset>
        {groups.map(({ group, isRequired }) => (
          <SecretGroup
            key={group}
            title={GROUP_WORDS[group] ?? group}
            isNew={from === null}
            isRequired={isRequired}
            isGiven={replaced.has(group)}
            error={form.errors[group] as string | undefined}
            give={(given) =>
              setReplaced((before) =>
                given ? new Set([...before, group]) : new Set([...before].filter((each) => each !== group)),
              )
            }
          >
            {group === 'credentials' && (
              <KeyFile
                names={provider.fields.flatMap(({ name }) =>
                  name.startsWith('credentials.') ? [name.slice('credentials.'.length)] : [],
                )}
                fill={(values) =>
                  form.setValues(
                    Object.fromEntries(
                      Object.entries(values).map(([name, value]) => [keyOf(`credentials.${name}`), value]),
                    ),
                  )
                }
              />
            )}
            {inputs(
              provider.fields.filter(({ name }) => name.split('.')[0] === group).map(({ name }) => name),
            )}
          </SecretGroup>
        ))}
        <Fieldset legend="When and how much it is used">
          <Stack>{inputs(named((name) => PLACE.has(name.split('.')[0]!)))}</Stack>
        </Fieldset>
        {error !== null && <ProblemAlert error={error} />}
        <Group>
          <Button type="submit" loading={form.submitting} disabled={theirs !== null}>
            {from === null ? 'Create the account' : 'Save the settings'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

const PLACE = new Set([
  'environments',
  'order',
  'weight',
  'rate_per_second',
  'prefixes',
  'price_per_segment',
]);

/** What two versions of an account are compared by; of its credentials only the fingerprint is known. */
function comparable(provider: Provider, { account }: TaggedAccount): Record<string, unknown> {
  return {
    ...withoutSecrets(provider, valuesOf(provider.fields, account)),
    enabled: account.enabled,
    fingerprint: account.credentials?.fingerprint,
  };
}

function withoutSecrets(provider: Provider, values: FieldValues): Record<string, unknown> {
  const open = provider.fields.filter(({ secret }) => !secret).map(({ name }) => keyOf(name));
  return Object.fromEntries(open.map((key) => [key, values[key]]));
}

/** Secrets are sealed and never shown: a group is kept as it is, or given again as a whole. */
function SecretGroup({
  title,
  isNew,
  isRequired,
  isGiven,
  error,
  give,
  children,
}: {
  title: string;
  isNew: boolean;
  isRequired: boolean;
  isGiven: boolean;
  error: string | undefined;
  give(given: boolean): void;
  children: ReactNode;
}) {
  return (
    <Fieldset legend={title}>
      <Stack>
        {error !== undefined && (
          <Alert color="red" variant="outline" role="alert">
            {error}
          </Alert>
        )}
        {!(isNew && isRequired) && (
          <Switch
            label={isNew ? `Give ${inSentence(title)}` : `Replace ${inSentence(title)}`}
            description={
              isNew
                ? undefined
                : 'What is there is sealed and never shown. Off, it stays; on, all fields are given again.'
            }
            checked={isGiven}
            onChange={(event) => give(event.currentTarget.checked)}
          />
        )}
        {isGiven && children}
      </Stack>
    </Fieldset>
  );
}

/** Abbreviations keep their letters. */
const inSentence = (title: string): string =>
  /^[A-Z]{2}/.test(title) ? title : title[0]!.toLowerCase() + title.slice(1);

/** Providers give their credentials out as a JSON file; its fields fill the form. */
function KeyFile({ names, fill }: { names: readonly string[]; fill(values: Record<string, string>): void }) {
  const [text, setText] = useState('');
  const [said, setSaid] = useState('');
  if (names.length < 3) return null;
  return (
    <Textarea
      label="Fill from a JSON file"
      description={`Paste it here: its ${names.join(', ')} go into the fields below.`}
      rows={3}
      spellCheck={false}
      autoComplete="off"
      value={text}
      error={said === '' ? undefined : said}
      onChange={(event) => {
        const pasted = event.currentTarget.value;
        setText(pasted);
        const found = fieldsIn(pasted, names);
        setSaid(found === null && pasted.trim() !== '' ? 'This is not JSON with one of these fields.' : '');
        if (found === null) return;
        fill(found);
        setText('');
      }}
    />
  );
}

function fieldsIn(text: string, names: readonly string[]): Record<string, string> | null {
  try {
    const json = JSON.parse(text) as Record<string, unknown>;
    const found = names.flatMap((name) =>
      typeof json[name] === 'string' ? [[name, json[name]] as const] : [],
    );
    return found.length === 0 ? null : Object.fromEntries(found);
  } catch {
    return null;
  }
}

/** Said where PROVIDERS_FILE wins. */
export function ManagedByFile() {
  return (
    <Alert color="yellow" variant="outline" role="status" title="PROVIDERS_FILE names this account">
      <Text size="sm">
        What is saved here holds until a worker starts, which puts back what the file says.
      </Text>
    </Alert>
  );
}
