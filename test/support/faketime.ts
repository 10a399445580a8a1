import { globSync } from 'node:fs';
import path from 'node:path';
import { unpackFromApt } from '@carillon/local/apt-package';
import { cacheDir } from '@carillon/local/layout';
import { wrongClock } from './wrong-clock.ts';

/**
 * The environment of a process whose system clock is off, for everything in it: the C library, TLS, all threads. By
 * Debian's package `libfaketime`, unpacked once; where there is none, by what JavaScript sees alone. The monotonic clock stays
 * right, as it does on a machine without NTP.
 */
export function systemClockOff(byMs: number): { env: Record<string, string>; how: string } {
  const wanted = { name: 'libfaketime', dependencies: false, title: 'libfaketime' };
  const root = unpackFromApt(cacheDir, 'libfaketime', wanted, () => {});
  const [library] = root ? globSync('usr/lib/*/faketime/libfaketimeMT.so.1', { cwd: root }) : [];
  if (!root || !library) return { env: wrongClock(byMs), how: 'JavaScript only' };
  const seconds = `${byMs < 0 ? '-' : '+'}${Math.abs(byMs) / 1000}s`;
  return {
    env: { LD_PRELOAD: path.join(root, library), FAKETIME: seconds, FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    how: 'libfaketime',
  };
}
