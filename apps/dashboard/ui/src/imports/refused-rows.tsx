import type { Import, ImportError } from '@carillon/client/api-types';
import { IMPORT_ERROR_KINDS, type ImportErrorKind, MAX_KEPT_ERRORS } from '@carillon/core/import/errors';
import { IMPORT_ERROR_WORDS } from '@carillon/core/import/wording';
import { Group, Stack, Text, Title } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { call } from '../api/call.ts';
import { fetchCsv } from '../api/csv.ts';
import { type Column, DataTable } from '../elements/data-table.tsx';
import { DownloadButton, saveFile } from '../elements/download.tsx';
import { useFilters } from '../elements/filters.ts';
import { usePages } from '../elements/pages-query.ts';
import { Meaning } from '../elements/words.tsx';
import { number } from './words.tsx';
import './imports.css';

const COLUMNS: readonly Column<ImportError>[] = [
  { title: 'Line', align: 'right', cell: ({ line }) => number(line) },
  { title: 'Field', cell: ({ path }) => <span className="mono">{path}</span> },
  {
    title: 'What is wrong',
    cell: ({ message }) => <span style={{ overflowWrap: 'anywhere' }}>{message}</span>,
  },
];

/** The errors of an import, one class at a time: the most basic first, for it may be the cause of others. */
export function RefusedRows({ of }: { of: Import }) {
  const [filters] = useFilters(['kind']);
  const kinds = IMPORT_ERROR_KINDS.filter((kind) => (of.errors_by_kind[kind] ?? 0) > 0);
  const shown = kinds.find((kind) => kind === filters.kind) ?? kinds[0];
  if (shown === undefined) return null;
  const total = kinds.reduce((sum, kind) => sum + of.errors_by_kind[kind]!, 0);
  const download = (kind?: ImportErrorKind) => async () => {
    const text = await fetchCsv(`/v1/imports/${of.import_id}/errors`, { kind });
    saveFile(`import-errors${kind === undefined ? '' : `-${kind}`}.csv`, text, 'text/csv');
  };
  return (
    <Stack gap="sm" component="section" aria-labelledby="refused-rows">
      <Group justify="space-between" gap="sm">
        <Title order={2} id="refused-rows">
          Refused rows
        </Title>
        <DownloadButton label="Download all errors (CSV)" load={download()} />
      </Group>
      <nav aria-label="Kinds of errors">
        <ul className="kinds">
          {kinds.map((kind) => (
            <li key={kind}>
              <Link
                to="."
                search={((before: Record<string, string>) => ({ ...before, kind })) as never}
                aria-current={kind === shown ? 'true' : undefined}
                resetScroll={false}
              >
                {IMPORT_ERROR_WORDS[kind].title}{' '}
                <span className="dim">{number(of.errors_by_kind[kind]!)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Meaning words={IMPORT_ERROR_WORDS[shown]} />
      <Errors key={shown} of={of} kind={shown} />
      {kinds.length > 1 && (
        <div>
          <DownloadButton label="Download these (CSV)" load={download(shown)} />
        </div>
      )}
      {total > MAX_KEPT_ERRORS && (
        <Text size="sm" className="dim">
          The first {number(MAX_KEPT_ERRORS)} errors are kept with their rows; {number(total)} were counted.
        </Text>
      )}
    </Stack>
  );
}

function Errors({ of, kind }: { of: Import; kind: ImportErrorKind }) {
  const query = usePages<ImportError>(
    // While it runs, more may come.
    ['imports', of.import_id, 'errors', kind, of.errors_by_kind[kind]],
    (cursor, signal) =>
      call(
        'exportImportErrors',
        { path: { id: of.import_id }, query: { format: 'json', kind, cursor, limit: 50 } },
        { signal },
      ),
  );
  return (
    <DataTable
      query={query}
      columns={COLUMNS}
      rowKey={({ line, path, message }) => `${line} ${path} ${message}`}
      label={`Errors: ${IMPORT_ERROR_WORDS[kind].title}`}
      empty={<Text size="sm">None of them is kept.</Text>}
    />
  );
}
