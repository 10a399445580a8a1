/**
 * Finds Carillon's ids in the fields where an adapter puts them: a tag, a query parameter, a Message-ID, a Topic.
 * Providers allow different alphabets, so an attempt id may arrive as `<id>/2`, `<id>.2`, `<id>_2` or `<id>-2`.
 */
export interface PlantedIds {
  notification_id: string | null;
  attempt_id: string | null;
}

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const PLANTED = new RegExp(`(${UUID})(?:[/._-]([1-9]\\d{0,5})(?!\\d))?`, 'i');
/** Built in one place and shared: most requests on the hot path carry exactly this. */
const EXACT = new RegExp(`^(${UUID})/([1-9]\\d{0,5})$`);

/** @param values fields that may hold an id, most likely first; non-strings are ignored. */
export function plantedIds(...values: unknown[]): PlantedIds {
  let notificationId: string | null = null;
  for (const value of values) {
    if (typeof value !== 'string') continue;
    const exact = EXACT.exec(value);
    if (exact !== null) return { notification_id: exact[1]!, attempt_id: value };
    const match = PLANTED.exec(value);
    if (match === null) continue;
    const id = match[1]!.toLowerCase();
    if (match[2] !== undefined) return { notification_id: id, attempt_id: `${id}/${match[2]}` };
    notificationId ??= id;
  }
  return { notification_id: notificationId, attempt_id: null };
}

/** A UUID encoded in a Web Push Topic (32 characters of base64url at most): as hex, or as 16 bytes in base64url. */
export function idFromTopic(topic: unknown): string | null {
  if (typeof topic !== 'string') return null;
  if (/^[0-9a-f]{32}$/i.test(topic)) return dashed(topic.toLowerCase());
  if (/^[\w-]{22}$/.test(topic)) {
    const bytes = Buffer.from(topic, 'base64url');
    // Version and variant bits distinguish an id from any other 22 characters.
    if (bytes.length === 16 && bytes[6]! >> 4 <= 8 && bytes[6]! >> 4 >= 1 && bytes[8]! >> 6 === 2) {
      return dashed(bytes.toString('hex'));
    }
  }
  return null;
}

function dashed(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
