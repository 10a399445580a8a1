import type { Import } from '@carillon/client/api-types';
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useHere, useMay } from '../api/session.tsx';
import { ConfirmButton } from '../elements/confirm.tsx';
import { FileChoice } from './file-choice.tsx';
import type { Upload } from './upload.ts';
import { resumeUpload, startUpload } from './uploads.ts';
import { number, rows } from './words.tsx';

/** What can be done with an import that does not run: import what was checked, or go on. */
export function NextStep({
  record,
  upload,
  onResume,
}: {
  record: Import;
  upload: Upload | null;
  onResume(): void;
}) {
  const may = useMay();
  if (!may('recipients:import')) return null;
  if (record.status === 'interrupted') return <GoOn record={record} upload={upload} onResume={onResume} />;
  if (record.dry_run) return <ImportIt record={record} upload={upload} />;
  return (
    <Group>
      <Button component={Link} to="/recipients" variant="default">
        See the recipients
      </Button>
      <Button component={Link} to="/imports/new" variant="default">
        Import another file
      </Button>
    </Group>
  );
}

function ImportIt({ record, upload }: { record: Import; upload: Upload | null }) {
  const { session, tenant } = useHere();
  const navigate = useNavigate();
  if (upload === null)
    return (
      <Alert color="gray" variant="outline" title="Nothing is stored yet">
        <Stack gap="sm" align="start">
          <Text size="sm">
            The file of this check is no longer open in this tab. Choose it again to import it.
          </Text>
          <Button component={Link} to="/imports/new" variant="default">
            Choose the file
          </Button>
        </Stack>
      </Alert>
    );
  const good = record.read - record.failed;
  const app = session.apps.find(({ id }) => id === tenant.app)?.name ?? tenant.app;
  return (
    <Alert color="gray" variant="outline" title="Nothing is stored yet">
      <Stack gap="sm">
        <Text size="sm">
          {good === 0
            ? 'Every row would be refused: mend the file, or say again which column is what.'
            : record.failed === 0
              ? 'Every row can be imported.'
              : `${rows(record.failed)} would be left out. Import the others now, or mend the file first.`}
        </Text>
        <Group>
          {good > 0 && (
            <ConfirmButton
              label={`Import ${rows(good)}`}
              title={`Import ${rows(good)} into ${app}, ${tenant.environment}?`}
              confirm="Import"
              done="The import has begun."
              variant="filled"
              danger={record.resubscribe}
              action={async () => {
                const id = startUpload({ ...upload.plan, dryRun: false });
                void navigate({ to: `/imports/${id}` });
              }}
            >
              {number(record.created)} new, {number(record.updated)} changed, {number(record.failed)} refused
              rows left out.
              {record.mode === 'replace' &&
                ' What a row does not give is removed from the people in the file.'}
              {record.resubscribe
                ? ' Opt-outs and suppressions of these people are overridden.'
                : ' No opt-out is turned into an opt-in.'}
            </ConfirmButton>
          )}
          <Button component={Link} to="/imports/new" variant="default">
            Change the columns
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function GoOn({ record, upload, onResume }: { record: Import; upload: Upload | null; onResume(): void }) {
  const { tenant } = useHere();
  const last = record.next_line - 1;
  const isNothing = last === 0;
  const what = record.dry_run ? 'checked' : 'applied';
  const resume = (file: File) => {
    const { format, mode, dry_run: dryRun, resubscribe } = record;
    resumeUpload(record.import_id, { tenant, file, format, mode, dryRun, resubscribe });
    onResume();
  };
  return (
    <Alert
      color="yellow"
      variant="outline"
      title={
        isNothing
          ? `It was stopped before anything was ${what}`
          : `It was stopped behind line ${number(last)}`
      }
    >
      <Stack gap="sm">
        {!isNothing && (
          <Text size="sm">
            Everything up to line {number(last)} was {what}, and nothing behind it. It can go on from there:
            no line is applied twice.
          </Text>
        )}
        {upload !== null ? (
          <Group>
            <Button onClick={upload.goOn}>Go on</Button>
          </Group>
        ) : isNothing ? (
          <Group>
            <Button component={Link} to="/imports/new" variant="default">
              Begin again
            </Button>
          </Group>
        ) : (
          <FileChoice label="Choose the same file and go on" take={resume} />
        )}
      </Stack>
    </Alert>
  );
}
