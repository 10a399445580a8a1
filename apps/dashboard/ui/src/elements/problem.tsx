import { Alert, Button, Group, List, Text } from '@mantine/core';
import { CarillonError, detailOf } from '../api/call.ts';

/** What the server said, with the fields that it named and the id to quote. */
export function ProblemAlert({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof CarillonError ? error : null;
  return (
    <Alert color="red" variant="outline" role="alert" title={titleOf(problem)}>
      <Text size="sm">{detailOf(error)}</Text>
      {problem !== null && problem.errors.length > 0 && (
        <List size="sm" mt="xs">
          {problem.errors.map(({ path, message }) => (
            <List.Item key={`${path} ${message}`}>
              <span className="mono">{path}</span> {message}
            </List.Item>
          ))}
        </List>
      )}
      <Group mt="xs" gap="md">
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
        {problem?.requestId && (
          <Text size="xs" className="dim">
            Request {problem.requestId}
          </Text>
        )}
      </Group>
    </Alert>
  );
}

function titleOf(problem: CarillonError | null): string {
  if (problem?.status === 403) return 'Your roles do not allow this';
  if (problem?.status === 404) return 'There is nothing here';
  if (problem?.code === 'invalid_state') return 'It cannot be done now';
  if (problem?.status === 409) return 'It has changed meanwhile';
  if (problem?.code === 'unreachable' || problem?.status === 503) return 'The server does not answer';
  return 'That did not work';
}

/** Puts the server's messages beside the fields of a form. @returns whether every message found a field. */
export function showErrors(
  form: { setErrors(errors: Record<string, string>): void; getValues(): object },
  error: unknown,
  rename: (path: string) => string = (path) => path,
): boolean {
  if (!(error instanceof CarillonError) || error.errors.length === 0) return false;
  const values = form.getValues();
  const errors = Object.fromEntries(error.errors.map(({ path, message }) => [rename(path), message]));
  form.setErrors(errors);
  return Object.keys(errors).every((path) => path.split('.')[0]! in values);
}
