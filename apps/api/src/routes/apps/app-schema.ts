import { z } from '@hono/zod-openapi';
import { name } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';

export const appParams = z.object({ id: z.uuid() });

export const appFields = {
  name: name(100).describe('No two apps have the same.'),
  time_zone: timeZone()
    .nullable()
    .describe('IANA name, for times in templates of recipients that have no zone of their own; null is UTC.'),
};

export const appSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    time_zone: z.string().nullable(),
    created_at: z.iso.datetime(),
  })
  .openapi('App');

export const NEEDS_INSTALLATION =
  'Apps and staff belong to the whole installation: this needs a live key with the scope `installation`, which `carillon-admin init` and `carillon-admin key create --installation` make.';
