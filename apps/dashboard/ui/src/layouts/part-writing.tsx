import type { PartKind } from '@carillon/core/template/compile/parts';
import type { DraftTexts } from '@carillon/core/template/draft';
import { Button, Grid, Group, Select, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useFilters } from '../elements/filters.ts';
import { AddLanguage } from '../templates/add-language.tsx';
import type { Finding } from '../templates/code-editor.tsx';
import { Fields } from '../templates/fields.tsx';
import { useSample } from '../templates/sample.ts';
import { pathsOf, withoutText, withText } from '../templates/texts.ts';
import { PartPreview } from './part-preview.tsx';
import { ALL, isForm, localeName, withForm } from './part-texts.ts';
import type { Users } from './used-by.tsx';

const NONE: readonly string[] = [];

const FIELDS: Readonly<Record<PartKind, Parameters<typeof Fields>[0]['fields']>> = {
  layout: [
    { field: 'html', label: 'HTML', hint: 'around e-mails in HTML; {{ content }} is their text' },
    { field: 'mjml', label: 'MJML', hint: 'around e-mails in MJML; {{ content }} is their sections' },
    { field: 'text', label: 'Plain text', hint: 'around plain texts; without it they stay as they are' },
  ],
  partial: [
    { field: 'html', label: 'HTML', hint: 'in e-mails in HTML, and inside the texts of MJML' },
    { field: 'mjml', label: 'MJML', hint: 'between the components of MJML' },
    { field: 'text', label: 'Plain text', hint: 'in plain texts, subjects and the other channels' },
  ],
};

/** The texts of a layout or partial in one language, beside how they look. */
export function PartWriting({
  kind,
  partKey,
  texts,
  users,
  readOnly,
  onTexts,
}: {
  kind: PartKind;
  partKey: string;
  texts: DraftTexts;
  users: Users;
  readOnly: boolean;
  onTexts(change: (before: DraftTexts) => DraftTexts): void;
}) {
  const [filters, change] = useFilters(['locale']);
  const [sample, setSample] = useSample(`${kind}:${partKey}`, NONE);
  const [findings, setFindings] = useState<Partial<Record<string, Finding[]>>>({});
  const locales = Object.keys(texts.email ?? {});
  const locale = locales.find((each) => each === filters.locale) ?? ALL;
  const variables = useMemo(
    () => [
      ...(kind === 'layout' ? ['content'] : []),
      ...new Set([...pathsOf(sample.data), 'unsubscribe_url', 'preferences_url']),
    ],
    [kind, sample.data],
  );
  return (
    <Stack>
      <Group gap="sm" align="end">
        <Select
          label="Language"
          data={locales.map((value) => ({ value, label: localeName(value) }))}
          value={locale}
          onChange={(next) => change({ locale: next === ALL || next === null ? undefined : next })}
          allowDeselect={false}
          w={180}
        />
        {!readOnly && (
          <AddLanguage
            texts={texts}
            channel="email"
            only="email"
            onAdd={(channel, name, content) => {
              onTexts((before) => withText(before, channel, name, content));
              change({ locale: name });
            }}
          />
        )}
        {!readOnly && locale !== ALL && (
          <Button
            variant="subtle"
            onClick={() => {
              onTexts((before) => withoutText(before, 'email', locale));
              change({ locale: undefined });
            }}
          >
            Remove {locale}
          </Button>
        )}
      </Group>
      {locale !== ALL && (
        <Text size="sm" className="dim">
          What is left empty here is taken from the texts for all languages.
        </Text>
      )}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}>
          <Stack gap="md">
            <Fields
              key={locale}
              fields={FIELDS[kind]}
              content={texts.email?.[locale] ?? {}}
              where={localeName(locale)}
              variables={variables}
              findings={findings}
              readOnly={readOnly}
              {...(kind === 'partial' && { self: partKey })}
              onChange={(field, value) => {
                if (isForm(field)) onTexts((before) => withForm(before, locale, field, value));
              }}
            />
          </Stack>
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <PartPreview
            kind={kind}
            partKey={partKey}
            texts={texts}
            locale={locale}
            users={users}
            sample={sample}
            onSample={setSample}
            onFindings={setFindings}
          />
        </Grid.Col>
      </Grid>
    </Stack>
  );
}
