import { CarillonError, changes, tenantHeaders } from './call.ts';

/**
 * A list of the API as a CSV file, with the filters that are shown.
 *
 * @param path of a list that has `format=csv`.
 * @throws CarillonError.
 */
export async function fetchCsv(
  path: string,
  filters: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const given = Object.entries(filters).flatMap(([name, value]) =>
    value ? [[name, value] as [string, string]] : [],
  );
  const query = new URLSearchParams([...given, ['format', 'csv']]);
  const answer = await fetch(`/api${path}?${query}`, {
    headers: { ...tenantHeaders(), ...changes.headers() },
  });
  const text = await answer.text();
  if (answer.ok) return text;
  const { code, detail } = JSON.parse(text) as { code: string; detail: string };
  throw new CarillonError(code, detail, { status: answer.status });
}
