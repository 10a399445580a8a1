import { expect, test } from 'vitest';
import { saysElsewhere } from './redis-elsewhere.ts';

test.each([
  "READONLY You can't write against a read only replica.",
  "READONLY You can't write against a read only replica. script: 0f, on @user_script:1.",
  'ERR Error running script (call to f_1): @user_script:1: -READONLY You can not write against a read only replica.',
  'UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)',
  'MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to no.',
  'LOADING Redis is loading the dataset in memory',
  'NOREPLICAS Not enough good replicas to write.',
  'CLUSTERDOWN The cluster is down',
])('%s', (message) => expect(saysElsewhere(new Error(message))).toBe(true));

test.each([
  "OOM command not allowed when used memory > 'maxmemory'.",
  'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.',
  'NOSCRIPT No matching script.',
  'ERR unknown command READONLYX',
  'Connection is closed.',
])('not: %s', (message) => expect(saysElsewhere(new Error(message))).toBe(false));
