import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { request } from 'node:http';
import { finished, pipeline } from 'node:stream/promises';

export type RecipientFormat = 'csv' | 'ndjson';

const CITIES = ['Berlin', 'Recife', 'Osaka', 'Lyon', 'Leeds'];
const ZONES = ['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Tokyo', 'Europe/Lisbon'];
const LOCALES = ['en', 'de', 'pt-BR', 'fr'];
const PLANS = ['pro', 'free', 'free', 'free', 'free'];
const TYPES = { csv: 'text/csv', ndjson: 'application/x-ndjson' };
const ROWS_AT_ONCE = 1_000;

/** The columns of the CSV file, in their order. */
export const COLUMNS =
  'id,email,phone,locale,time_zone,attributes.plan,attributes.city,attributes.first_name,attributes.orders';

/** Writes a file of recipients as a shop exports them: each with an e-mail address, six of ten with a phone number. */
export async function writeRecipients(
  path: string,
  { format, prefix, count }: { format: RecipientFormat; prefix: string; count: number },
): Promise<void> {
  const file = createWriteStream(path);
  if (format === 'csv') file.write(`${COLUMNS}\n`);
  for (let from = 0; from < count; from += ROWS_AT_ONCE) {
    const size = Math.min(ROWS_AT_ONCE, count - from);
    const rows = Array.from({ length: size }, (_, k) => rowOf(prefix, from + k));
    const text = rows.map(format === 'csv' ? csvLine : (row) => JSON.stringify(row)).join('\n');
    if (!file.write(`${text}\n`)) await once(file, 'drain');
  }
  file.end();
  await finished(file);
}

function rowOf(prefix: string, n: number) {
  return {
    id: `${prefix}${n}`,
    email: `${prefix}${n}@example.com`,
    ...(n % 10 < 6 ? { phone: `+1415${2_000_000 + (n % 8_000_000)}` } : {}),
    locale: LOCALES[n % LOCALES.length]!,
    time_zone: ZONES[n % ZONES.length]!,
    attributes: {
      plan: PLANS[n % PLANS.length]!,
      city: CITIES[n % CITIES.length]!,
      first_name: `Person ${n}`,
      orders: String(n % 17),
    },
  };
}

function csvLine({ id, email, phone = '', locale, time_zone, attributes }: ReturnType<typeof rowOf>): string {
  return [id, email, phone, locale, time_zone, ...Object.values(attributes)].join(',');
}

/** What the API says that became of the rows. */
export interface ImportCounts {
  read: number;
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
}

/** Uploads the file to the API, as fast as it takes it. @throws for any other answer than 200 */
export async function uploadRecipients(
  { url, apiKey }: { url: string; apiKey: string },
  path: string,
  format: RecipientFormat,
): Promise<ImportCounts> {
  const upload = request(`${url}/v1/recipients/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': TYPES[format] },
  });
  const answered = once(upload, 'response');
  await pipeline(createReadStream(path), upload);
  const [answer] = await answered;
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += piece;
  if (answer.statusCode !== 200) throw new Error(`the import was answered ${answer.statusCode}: ${text}`);
  return JSON.parse(text) as ImportCounts;
}
