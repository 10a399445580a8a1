import {
  canonicalApnsToken,
  canonicalAuthSecret,
  canonicalEndpoint,
  canonicalP256dh,
} from '@carillon/core/recipient/push-address';
import type { Device } from '@carillon/db/recipients/devices';
import type { ContactPointRow, RecipientRow } from '@carillon/db/recipients/people';
import { CONTACT_KINDS } from '@carillon/db/schema/recipients';
import type { PointSuppression } from '@carillon/services/recipients/suppressions-of';
import { z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { pushTarget } from '../../accept/send-schema.ts';
import { invalid } from '../../middleware/invalid.ts';
import { suppressionSchema, viewSuppression } from '../suppressions/suppression-schema.ts';

/** The id of an existing recipient: ids that earlier versions accepted are valid too. */
export const recipientParams = z.object({
  recipient_id: singleLine(255).describe('Your own id of the person.'),
});

export const contactPointSchema = z
  .object({
    id: z.uuid(),
    kind: z.enum(CONTACT_KINDS),
    address: z.string().describe('Device tokens are secrets: only their end is shown.'),
    created_at: z.iso.datetime(),
    verified_at: z.iso.datetime().nullable(),
    disabled_at: z.iso.datetime().nullable(),
    disabled_reason: z.string().nullable().describe('Why nothing is sent there any more.'),
  })
  .openapi('ContactPoint');

export const pointSuppressionSchema = suppressionSchema
  .extend({
    contact_point_id: z
      .uuid()
      .nullable()
      .describe('Whose address it is; null for the in-app inbox, which needs none.'),
  })
  .openapi('ContactPointSuppression');

export function viewPointSuppression(row: PointSuppression): z.input<typeof pointSuppressionSchema> {
  return { ...viewSuppression(row), contact_point_id: row.contactPointId };
}

export const recipientSchema = z
  .object({
    recipient_id: z.string(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    locale: z.string().nullable(),
    time_zone: z.string().nullable(),
    attributes: z.record(z.string(), z.unknown()),
    contact_points: z.array(contactPointSchema),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('Recipient');

export function viewRecipient(row: RecipientRow): z.input<typeof recipientSchema> {
  const addressOf = (kind: 'email' | 'phone') =>
    row.contactPoints.find((point) => point.kind === kind)?.address ?? null;
  return {
    recipient_id: row.id,
    email: addressOf('email'),
    phone: addressOf('phone'),
    locale: row.locale,
    time_zone: row.timeZone,
    attributes: row.attributes,
    contact_points: row.contactPoints.map(viewContactPoint),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}

export function viewContactPoint(point: ContactPointRow): z.input<typeof contactPointSchema> {
  const readable = point.kind === 'email' || point.kind === 'phone';
  return {
    id: point.id,
    kind: point.kind,
    address: readable ? point.address : `...${point.address.slice(-6)}`,
    created_at: point.createdAt.toISOString(),
    verified_at: point.verifiedAt?.toISOString() ?? null,
    disabled_at: point.disabledAt?.toISOString() ?? null,
    disabled_reason: point.disabledReason,
  };
}

/** @throws ProblemError 422 unless exactly one device is named. */
export function deviceOf(target: z.output<typeof pushTarget>): Device {
  const { fcm_token: fcm, apns_token: apns, subscription } = target;
  const devices: Device[] = [];
  if (fcm !== undefined) devices.push({ kind: 'fcm', address: fcm, keys: null });
  if (apns !== undefined) devices.push({ kind: 'apns', address: canonicalApnsToken(apns)!, keys: null });
  if (subscription) {
    const { endpoint, keys } = subscription;
    devices.push({
      kind: 'web_push',
      address: canonicalEndpoint(endpoint)!,
      keys: { p256dh: canonicalP256dh(keys.p256dh)!, auth: canonicalAuthSecret(keys.auth)! },
    });
  }
  const [device] = devices;
  if (device && devices.length === 1) return device;
  throw invalid([
    {
      path: '',
      message: `names ${devices.length} devices; give exactly one of fcm_token, apns_token, subscription`,
    },
  ]);
}
