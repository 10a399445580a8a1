import type { SourceContent } from '@carillon/core/template/draft';
import { Group, Skeleton, Text } from '@mantine/core';
import { lazy, Suspense, useRef } from 'react';
import { Mark } from '../elements/mark.tsx';
import type { Finding } from './code-editor.tsx';
import { InsertPartial } from './insert-partial.tsx';

const CodeEditor = lazy(() => import('./code-editor.tsx'));

export interface Field {
  field: keyof SourceContent;
  label: string;
  required?: boolean;
  /** Said beside the label. */
  hint?: string;
}

/**
 * The fields of a text, each with its editor, its mistakes below it and a menu of partials.
 *
 * @param where stands behind the label of each field for those who hear it: `E-mail in en`.
 * @param self the key of the partial that is written here: it cannot render itself.
 */
export function Fields({
  fields,
  content,
  where,
  variables,
  findings,
  readOnly,
  self,
  onChange,
}: {
  fields: readonly Field[];
  content: SourceContent;
  where: string;
  variables: readonly string[];
  findings: Readonly<Partial<Record<string, Finding[]>>>;
  readOnly: boolean;
  self?: string;
  onChange(field: keyof SourceContent, value: string): void;
}) {
  return fields.map((each) => (
    <OneField
      key={each.field}
      {...each}
      value={content[each.field] ?? ''}
      where={where}
      variables={variables}
      findings={findings[each.field] ?? NO_FINDINGS}
      readOnly={readOnly}
      self={self}
      onChange={(value) => onChange(each.field, value)}
    />
  ));
}

function OneField({
  field,
  label,
  required = false,
  hint,
  value,
  where,
  variables,
  findings,
  readOnly,
  self,
  onChange,
}: Field & {
  value: string;
  where: string;
  variables: readonly string[];
  findings: readonly Finding[];
  readOnly: boolean;
  self: string | undefined;
  onChange(value: string): void;
}) {
  const insert = useRef<((text: string) => void) | null>(null);
  const isMarkup = field === 'html' || field === 'mjml';
  return (
    <div>
      <Group justify="space-between" align="end" gap="xs" mb={4} wrap="nowrap">
        <Text size="sm" fw={550}>
          {label}
          {required && <span className="dim"> (required)</span>}
          {hint !== undefined && (
            <Text span size="xs" className="dim" fw={400}>
              {' '}
              {hint}
            </Text>
          )}
        </Text>
        {!readOnly && (
          <InsertPartial
            form={isMarkup ? field : 'text'}
            label={label}
            self={self}
            onInsert={(text) => insert.current?.(text)}
          />
        )}
      </Group>
      <Suspense fallback={<Skeleton height={isMarkup ? 240 : 64} />}>
        <CodeEditor
          label={`${label}, ${where}`}
          language={isMarkup ? 'html' : 'text'}
          value={value}
          variables={variables}
          findings={findings}
          inserter={insert}
          {...(!readOnly && { onChange })}
        />
      </Suspense>
      {findings.map(({ line, column, message, severity }) => (
        <Text key={`${line} ${column} ${message}`} size="sm" mt={4} component="div">
          <Mark tone={severity === 'error' ? 'bad' : 'doubt'}>
            {severity === 'error' ? 'Mistake' : 'Warning'}
          </Mark>{' '}
          {line > 0 && `Line ${line}, column ${column}: `}
          {message}
        </Text>
      ))}
    </div>
  );
}

const NO_FINDINGS: readonly Finding[] = [];
