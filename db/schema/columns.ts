import { CHANNELS } from '@carillon/core/notification/channel';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { STATES } from '@carillon/core/notification/states';
import { type SQL, sql } from 'drizzle-orm';
import { customType, text, timestamp } from 'drizzle-orm/pg-core';

/** Column kinds that many tables share, and the CHECK conditions that repeat the vocabulary of `core`. */

export const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });

export const time = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

export const environment = () => text('environment', { enum: ENVIRONMENTS }).notNull();
export const channel = () => text('channel', { enum: CHANNELS }).notNull();
export const priority = () => text('priority', { enum: PRIORITIES }).notNull();

export const isOneOf = (column: unknown, values: readonly string[]): SQL =>
  sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;

export const isEnvironment = (column: unknown): SQL => isOneOf(column, ENVIRONMENTS);
export const isChannel = (column: unknown): SQL => isOneOf(column, CHANNELS);
export const isPriority = (column: unknown): SQL => isOneOf(column, PRIORITIES);
export const isState = (column: unknown): SQL => isOneOf(column, STATES);
