/** Of `serve.ts`: CARILLON_URL (the API), CARILLON_API_KEY (with `recipients:*` and `notifications:*`), PORT (4020). */
export function exampleConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  const { CARILLON_URL, CARILLON_API_KEY, PORT = '4020' } = env;
  if (!CARILLON_URL || !CARILLON_API_KEY)
    throw new Error('set CARILLON_URL (such as http://127.0.0.1:4000) and CARILLON_API_KEY');
  return { apiUrl: CARILLON_URL.replace(/\/+$/, ''), apiKey: CARILLON_API_KEY, port: Number(PORT) };
}
