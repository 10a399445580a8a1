import { attributesTooLong, MAX_ATTRIBUTES_LENGTH } from '@carillon/core/recipient/attributes';
import { z } from '@hono/zod-openapi';
import { emailAddress, locale, name, phoneNumber } from '../../accept/fields.ts';
import { timeZone } from '../../accept/time-zone.ts';

export const newRecipientParams = z.object({
  recipient_id: name(255).describe(
    'Your own id of the person: without white space around it and without invisible characters, in Unicode normal form C. Compared character by character.',
  ),
});

export const putRecipientSchema = z
  .strictObject({
    email: emailAddress().nullable().optional(),
    phone: phoneNumber().nullable().optional(),
    locale: locale().nullable().optional(),
    time_zone: timeZone().nullable().optional().describe('IANA name.'),
    attributes: z
      .record(z.string(), z.unknown())
      .refine((attributes) => JSON.stringify(attributes).length <= MAX_ATTRIBUTES_LENGTH, {
        error: `is ${attributesTooLong()}`,
      })
      .optional()
      .describe('Anything you select audiences by. Replaced as a whole.'),
  })
  .describe('A field that is left out stays as it is; null removes it; a value replaces it.')
  .openapi('PutRecipientRequest');
