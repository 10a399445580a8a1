import { crc32, inflateRawSync } from 'node:zlib';

/**
 * Reads one file of a ZIP archive.
 *
 * @throws if it is not there, or its checksum is wrong
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export function fileOfZip(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (end < 0) throw new Error('this is no ZIP archive');
  const entries = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  for (let entry = 0; entry < entries; entry += 1) {
    const lengths = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    if (archive.toString('utf8', at + 46, at + 46 + lengths[0]!) === name) return contentAt(archive, at);
    at += 46 + lengths.reduce((sum, length) => sum + length, 0);
  }
  throw new Error(`the archive has no ${name}`);
}

function contentAt(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const stored = archive.subarray(start, start + archive.readUInt32LE(entry + 20));
  const content = method === 0 ? stored : inflateRawSync(stored);
  if (crc32(content) !== archive.readUInt32LE(entry + 16))
    throw new Error('a file of the archive is damaged');
  return content;
}
