import { rmSync } from 'node:fs';
import { readJson, writeJson } from './atomic-file.ts';

/** The file that tools and external tests read to find a running system: the last section of the HTTP contract. */
export interface RunFile {
  api: string;
  dashboard: string;
  simulator: string;
  /** With --observe: the viewer of traces; and Prometheus, where it can be had. */
  traces?: string;
  prometheus?: string;
  database_url: string;
  redis_url: string;
  /** Of the test environment. */
  api_key: string;
  live_api_key: string;
  staff: { email: string; password: string };
  /**
   * null while a child is down and waits for its restart. `postgres` and `redis` only when they are private servers.
   */
  pids: {
    supervisor: number;
    api: number | null;
    workers: (number | null)[];
    dashboard: number | null;
    simulator: number | null;
    postgres?: number | null;
    redis?: number | null;
  };
}

export const writeRunFile = (file: string, run: RunFile): void => writeJson(file, run);
export const readRunFile = (file: string): RunFile | null => readJson<RunFile>(file);
export const removeRunFile = (file: string): void => rmSync(file, { force: true });
