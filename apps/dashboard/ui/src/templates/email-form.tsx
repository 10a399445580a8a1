import type { SourceContent } from '@carillon/core/template/draft';
import { Group, SegmentedControl, Select, Text } from '@mantine/core';
import { useRef } from 'react';
import { useParts } from '../layouts/read.ts';

/** How an e-mail is written, HTML or MJML, and the layout that it stands in. */
export function EmailForm({
  content,
  readOnly,
  onChange,
}: {
  content: SourceContent;
  readOnly: boolean;
  onChange(content: SourceContent): void;
}) {
  const layouts = useParts('layout');
  // The way back brings what was written before.
  const other = useRef<string | undefined>(undefined);
  const isMjml = content.mjml !== undefined;
  const write = (next: string) => {
    if ((next === 'mjml') === isMjml) return;
    const { html, mjml, ...rest } = content;
    const kept = other.current;
    other.current = isMjml ? mjml : html;
    if (next === 'mjml')
      onChange({ ...rest, mjml: kept ?? (content.layout === undefined ? DOCUMENT : SECTION) });
    else onChange(kept === undefined ? rest : { ...rest, html: kept });
  };
  const keys = (layouts.data ?? []).map(({ key }) => key);
  const { layout } = content;
  const known = layout === undefined || keys.includes(layout) ? keys : [layout, ...keys];
  return (
    <Group align="end" gap="md">
      <div>
        <Text size="sm" fw={500} mb={4}>
          Written in
        </Text>
        <SegmentedControl
          aria-label="Written in"
          data={[
            { value: 'html', label: 'HTML' },
            { value: 'mjml', label: 'MJML' },
          ]}
          value={isMjml ? 'mjml' : 'html'}
          onChange={write}
          disabled={readOnly}
        />
      </div>
      <Select
        label="Layout"
        placeholder="none"
        data={known}
        value={layout ?? null}
        onChange={(next) => {
          const { layout: _, ...rest } = content;
          onChange(next === null ? rest : { ...rest, layout: next });
        }}
        clearable
        disabled={readOnly || (known.length === 0 && layout === undefined)}
        w={200}
      />
    </Group>
  );
}

const SECTION = `<mj-section>
  <mj-column>
    <mj-text>Hello</mj-text>
  </mj-column>
</mj-section>`;
const DOCUMENT = `<mjml>
  <mj-body>
    ${SECTION.replaceAll('\n', '\n    ')}
  </mj-body>
</mjml>`;
