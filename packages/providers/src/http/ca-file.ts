import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** A system's full bundle has about 220 kB. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the certificates that an account of PROVIDERS_FILE trusts. It returns at once whatever the path names: the file
 * is opened without waiting for a writer (O_NONBLOCK), only a regular one is read, and at most 1 MiB of it.
 *
 * @returns the PEM text.
 * @throws if there is no such regular file, it is larger, or it holds no certificate.
 */
export function readCaFile(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(file).isFile())
      throw new Error(`caFile ${path} is no regular file; name a file with certificates in PEM`);
    const text = upTo(file, MAX_BYTES + 1);
    if (text.length > MAX_BYTES)
      throw new Error(`caFile ${path} is larger than ${MAX_BYTES} bytes; leave only the certificates in it`);
    const pem = text.toString('utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----'))
      throw new Error(`caFile ${path} holds no certificate in PEM (-----BEGIN CERTIFICATE-----)`);
    return pem;
  } finally {
    closeSync(file);
  }
}

/** The reported file size is not used: files of /proc have none. */
function upTo(file: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  let length = 0;
  while (length < bytes) {
    const read = readSync(file, buffer, length, bytes - length, null);
    if (read === 0) break;
    length += read;
  }
  return buffer.subarray(0, length);
}
