import { CHANNELS, type Channel } from '@carillon/core/notification/channel';
import { addressHash, addressHashes, SUPPRESSION_REASONS } from '@carillon/core/recipient/suppression';
import { show } from '@carillon/core/text/show';
import type { SuppressionRow } from '@carillon/db/recipients/suppressions';
import { z } from '@hono/zod-openapi';
import { emailAddress, phoneNumber, singleLine, token } from '../../accept/fields.ts';
import type { Caller } from '../../deps.ts';
import { invalid } from '../../middleware/invalid.ts';

/** The address format by channel; messages complete the sentence `"<value>" ...`. */
const ADDRESSES: Readonly<Record<Channel, z.ZodType<string>>> = {
  email: emailAddress(),
  sms: phoneNumber(),
  push: token(4_096),
  in_app: singleLine(255),
};

/** `erased` is written by an erasure only. */
const GIVEN_REASONS = SUPPRESSION_REASONS.filter((reason) => reason !== 'erased');

export const addressFields = {
  channel: z.enum(CHANNELS),
  address: z
    .string()
    .min(1)
    .max(4_096)
    .describe(
      'E-mail address (in any case), phone number in E.164, device token or Web Push endpoint; for in_app the recipient id.',
    ),
};

export const hashParams = z.object({
  channel: addressFields.channel,
  address_hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is not an address_hash: 64 digits of lower-case hexadecimal')
    .describe('As lists show it.'),
});

const causeSchema = z
  .object({
    provider: z.string().describe('The provider account that said so.'),
    notification_id: z.uuid().nullable().describe('The message that it was about.'),
  })
  .openapi('SuppressionCause');

export const newSuppressionSchema = z
  .strictObject({
    ...addressFields,
    reason: z.enum(GIVEN_REASONS).default('manual'),
    detail: singleLine(500).optional().describe('For people: which request, which list. Not the address.'),
  })
  .openapi('NewSuppression');

export const suppressionSchema = z
  .object({
    channel: z.enum(CHANNELS),
    address_hash: z
      .string()
      .describe('SHA-256 over app, channel and address, in hex: addresses themselves are not kept.'),
    reason: z.enum(SUPPRESSION_REASONS),
    detail: z.string().nullable(),
    added_by: z
      .string()
      .nullable()
      .describe(
        '`provider`: a receipt or an answer; `recipient`: the link in a message; else `key:<key id>` or `staff:<e-mail>`. Null where an earlier release added it.',
      ),
    cause: causeSchema.nullable().describe("Where a provider's word caused it, and that is recorded."),
    created_at: z.iso.datetime(),
  })
  .openapi('Suppression');

/** @throws ProblemError 422 if the address is not valid for its channel. */
export function hashOf(caller: Caller, given: GivenAddress): Buffer {
  return addressHash(caller.appId, given.channel, checked(given));
}

/** All hashes under which the address may be listed. @throws ProblemError 422 if it is not valid for its channel. */
export function hashesOf(caller: Caller, given: GivenAddress): Buffer[] {
  return [checked(given), given.address].flatMap((address) =>
    addressHashes(caller.appId, given.channel, address),
  );
}

interface GivenAddress {
  channel: Channel;
  address: string;
}

function checked({ channel, address }: GivenAddress): string {
  const parsed = ADDRESSES[channel].safeParse(address);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid([{ path: 'address', message: `${show(address)} ${issue!.message} (channel ${channel})` }]);
}

export function viewSuppression(row: SuppressionRow): z.input<typeof suppressionSchema> {
  return {
    channel: row.channel,
    address_hash: row.addressHash.toString('hex'),
    reason: row.reason,
    detail: row.detail,
    added_by: row.addedBy,
    cause: row.account === null ? null : { provider: row.account, notification_id: row.notificationId },
    created_at: row.createdAt.toISOString(),
  };
}
