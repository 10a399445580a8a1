import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCaFile } from './ca-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'ca-file-'));
afterAll(() => rmSync(directory, { recursive: true }));

const written = (name: string, text: string): string => {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
};
const fifo = (): string => {
  const path = join(directory, 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
};
const PEM = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

test('a file with certificates is read whole', () => {
  expect(readCaFile(written('ca.pem', PEM.repeat(100)))).toBe(PEM.repeat(100));
});

test.each<[string, () => string, RegExp]>([
  ['a FIFO that has no writer', fifo, /is no regular file/],
  ['a device without end', () => '/dev/zero', /is no regular file/],
  ['a directory', () => directory, /is no regular file/],
  ['more than 1 MiB', () => written('large.pem', PEM.repeat(20_000)), /is larger than 1048576 bytes/],
  ['a file without a certificate', () => written('other.txt', 'a secret of the server'), /no certificate/],
  ['nothing', () => join(directory, 'missing'), /ENOENT/],
])('%s is refused at once, and none of its content is shown', (_, make, message) => {
  const path = make();
  expect(() => readCaFile(path)).toThrow(message);
  expect(() => readCaFile(path)).not.toThrow(/a secret of/);
});
