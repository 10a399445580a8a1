import type { PreviewRequest } from '@carillon/client/api-types';
import { asDocument } from '@carillon/core/template/compile/mjml-source';
import type { PartKind } from '@carillon/core/template/compile/parts';
import type { DraftTexts } from '@carillon/core/template/draft';
import { Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Finding } from '../templates/code-editor.tsx';
import { PreviewPanel } from '../templates/preview-panel.tsx';
import type { Sample } from '../templates/sample.ts';
import { ALL, type Form, formName, formsOf, partTexts } from './part-texts.ts';
import type { Users } from './used-by.tsx';

/** How a layout or partial looks before it is published: alone, or in a template that uses it. */
export function PartPreview({
  kind,
  partKey: key,
  texts,
  locale,
  users,
  sample,
  onSample,
  onFindings,
}: {
  kind: PartKind;
  partKey: string;
  texts: DraftTexts;
  locale: string;
  users: Users;
  sample: Sample;
  onSample(text: string): void;
  onFindings(findings: Partial<Record<string, Finding[]>>): void;
}) {
  const [wanted, setWanted] = useState<Form | null>(null);
  const [template, setTemplate] = useState<string | null>(null);
  const forms = formsOf(texts, locale);
  const form = forms.find((each) => each === wanted) ?? forms[0];
  if (form === undefined)
    return (
      <Stack gap="sm" component="section" aria-label="Preview">
        <Title order={2}>Preview</Title>
        <Text>There is no text yet. Write one to see it here.</Text>
      </Stack>
    );
  const part = { kind, key, ...partTexts(texts) } as NonNullable<PreviewRequest['part']>;
  const source = template === null ? { content: alone(kind, key, form, texts, locale) } : { draft: true };
  const templates = [...new Set([...users.templates, ...users.drafts])];
  return (
    <PreviewPanel
      templateKey={template ?? key}
      channel="email"
      locale={locale === ALL ? 'en' : locale}
      source={{ ...source, part }}
      at={locale === ALL ? 'part' : `part.locales.${locale}`}
      choices={
        <Group gap="sm" align="end">
          {templates.length > 0 && (
            <Select
              label="Show it in"
              data={templates}
              placeholder={kind === 'layout' ? 'a sample text' : 'nothing else'}
              value={template}
              onChange={setTemplate}
              clearable
              searchable
              w={200}
            />
          )}
          {template === null && forms.length > 1 && (
            <SegmentedControl
              aria-label="Text to preview"
              data={forms.map((value) => ({ value, label: formName(value) }))}
              value={form}
              onChange={(next) => setWanted(next as Form)}
            />
          )}
        </Group>
      }
      sample={sample}
      onSample={onSample}
      onFindings={onFindings}
    />
  );
}

const SAMPLE: Readonly<Record<Form, string>> = {
  html: '<h1>A heading</h1>\n<p>Here stands the text of an e-mail, with <a href="https://example.com">a link</a>.</p>',
  mjml: '<mj-section><mj-column><mj-text>Here stands the text of an e-mail.</mj-text></mj-column></mj-section>',
  text: 'Here stands the text of an e-mail.',
};

/** An e-mail that has nothing but a sample text and the part. */
function alone(
  kind: PartKind,
  key: string,
  form: Form,
  texts: DraftTexts,
  locale: string,
): NonNullable<PreviewRequest['content']> {
  const subject = 'A subject';
  if (kind === 'layout') return { subject, [form]: SAMPLE[form], layout: key };
  if (form !== 'mjml') return { subject, [form]: `{% render "${key}" %}` };
  const own = texts.email?.[locale]?.mjml ?? texts.email?.[ALL]?.mjml ?? '';
  return { subject, mjml: asDocument(own).document };
}
