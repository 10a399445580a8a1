import { mapOf, proposeFields } from '@carillon/core/import/propose';
import { readSample } from '@carillon/core/import/sample';
import { Alert, Button, Group, List, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { call } from '../api/call.ts';
import { useHere, useMay } from '../api/session.tsx';
import { Facts } from '../elements/facts.tsx';
import { PageFrame } from '../elements/page.tsx';
import { bytes } from '../elements/quantities.ts';
import { ColumnFields, MemberValues } from './column-fields.tsx';
import { type ImportDraft, useImportDraft } from './draft.ts';
import { FileChoice } from './file-choice.tsx';
import { ImportOptions } from './options.tsx';
import { columnProblems } from './problems.ts';
import { startUpload } from './uploads.ts';

/** So much of the file is read here; the rest is read as it is sent. */
const SAMPLE_BYTES = 256 * 1024;
const SEPARATORS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs' } as const;

/** Chooses a file, says which column is what, and checks it. */
export default function NewImport() {
  const may = useMay();
  const [draft, change] = useImportDraft();
  const [refused, setRefused] = useState<string | null>(null);
  const readCategories = useCategories();
  const take = async (file: File) => {
    const read = await sampleOf(file);
    if ('refused' in read) {
      change(null);
      return setRefused(`${file.name}: ${read.refused}`);
    }
    setRefused(null);
    const categories = await readCategories();
    const fields = read.format === 'csv' ? proposeFields(read.names, read.rows, categories) : [];
    change({ file, categories, sample: read, fields, mode: 'upsert', resubscribe: false });
  };
  return (
    <PageFrame
      title="Import recipients"
      description="From a CSV or NDJSON file of any size. It is checked first: nothing is stored before you have seen what would change."
    >
      {may('recipients:import') ? (
        <Stack gap="lg">
          <FileChoice
            label={draft === null ? 'Choose a file' : 'Choose another file'}
            take={(file) => void take(file)}
          />
          {refused !== null && (
            <Alert color="red" variant="outline" role="alert" title="This file cannot be imported">
              {refused}
            </Alert>
          )}
          {draft !== null && <Prepared draft={draft} change={change} />}
        </Stack>
      ) : (
        <Alert color="gray" variant="outline" title="Your roles do not allow imports here">
          Ask the people who manage staff for the role marketer, support or admin in this app and environment.
        </Alert>
      )}
    </PageFrame>
  );
}

async function sampleOf(file: File): Promise<ReturnType<typeof readSample>> {
  try {
    const head = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
    return readSample(head, { isWhole: file.size <= SAMPLE_BYTES, name: file.name });
  } catch {
    return { refused: 'It cannot be read. Look whether it is a file, and still there.' };
  }
}

/** The categories of the app, read once they are needed; none where the person may not see them. */
function useCategories(): () => Promise<readonly string[]> {
  const { tenant } = useHere();
  const may = useMay();
  const queries = useQueryClient();
  return async () => {
    if (!may('categories:read')) return [];
    const read = queries.ensureQueryData({
      queryKey: [tenant.app, tenant.environment, 'categories', 'names'],
      queryFn: async ({ signal }) => {
        const { data } = await call('listCategories', { query: { limit: 200 } }, { signal });
        return data.map(({ name }) => name);
      },
    });
    // They are a help: without them everything can still be chosen by hand.
    return read.catch(() => []);
  };
}

function Prepared({ draft, change }: { draft: ImportDraft; change(next: ImportDraft): void }) {
  const { tenant } = useHere();
  const may = useMay();
  const navigate = useNavigate();
  const { file, sample, fields, categories, mode } = draft;
  const problems = columnProblems(sample, fields);
  // Roles may differ between the environments.
  const resubscribe = draft.resubscribe && may('suppressions:*');
  const check = () => {
    const { format, names } = sample;
    const map = format === 'csv' ? mapOf(names, fields) : {};
    const id = startUpload({ tenant, file, format, mode, resubscribe, dryRun: true, map });
    void navigate({ to: `/imports/${id}` });
  };
  return (
    <>
      <Facts
        facts={[
          ['File', file.name],
          ['Size', bytes(file.size)],
          ['Format', sample.format === 'csv' ? 'CSV' : 'NDJSON, an object on each line'],
          sample.delimiter === null ? null : ['Separated by', SEPARATORS[sample.delimiter]],
        ]}
      />
      {sample.warnings.length > 0 && (
        <Alert color="yellow" variant="outline" role="alert" title="Look at the file">
          <List size="sm">
            {sample.warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Stack gap="xs" component="section" aria-labelledby="import-columns">
        <Title order={2} id="import-columns">
          {sample.format === 'csv' ? 'What each column becomes' : 'What the file says'}
        </Title>
        {sample.format === 'csv' ? (
          <>
            <Text size="sm" className="dim">
              Proposed by the names and the first rows; change what is wrong. Attributes of a CSV file are
              texts: to compare them as numbers, use NDJSON. Preferences are true or false.
            </Text>
            <ColumnFields
              names={sample.names}
              rows={sample.rows}
              fields={fields}
              categories={categories}
              change={(next) => change({ ...draft, fields: next })}
            />
          </>
        ) : (
          <>
            <Text size="sm" className="dim">
              The fields of NDJSON have their names already: id, email, phone, locale, time_zone,
              attributes.NAME and preferences.CATEGORY. Rows with another one will be refused.
            </Text>
            <MemberValues names={sample.names} rows={sample.rows} />
          </>
        )}
      </Stack>
      <ImportOptions draft={{ ...draft, resubscribe }} change={change} />
      {problems.length > 0 && (
        <Alert color="red" variant="outline" role="alert" title="It cannot be checked yet">
          <List size="sm">
            {problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Group>
        <Button onClick={check} disabled={problems.length > 0}>
          Check the file
        </Button>
        <Text size="sm" className="dim">
          Reads the whole file and stores no recipient.
        </Text>
      </Group>
    </>
  );
}
