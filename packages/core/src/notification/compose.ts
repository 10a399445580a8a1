import { hash } from 'node:crypto';
import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import type { Content, Message, PushOptions, PushTarget } from './message.ts';

/** The address given in the request; if present, the recipient's contact points are not used. */
export interface DirectAddress {
  email?: string;
  phone?: string;
  push?: PushTarget;
}

export interface ContactPoint {
  kind: 'email' | 'phone' | 'fcm' | 'apns' | 'web_push';
  address: string;
  keys: { p256dh: string; auth: string } | null;
}

/** The fields of a notification that decide address and sender; named as its columns. */
export interface Addressed {
  app_id: string;
  environment: Environment;
  channel: Channel;
  recipient_id: string | null;
  address: DirectAddress | null;
  /** Enabled ones only, newest first. */
  contact_points: ContactPoint[] | null;
  options: { from?: string; reply_to?: string; push?: PushOptions } | null;
  /** Accounts and devices that certainly did not accept it in this round. */
  tried: string[] | null;
}

/** Turns content into a message to one address. */
export type Compose = (content: Content) => Message;

/**
 * Pure: how content becomes a message of the current channel. An address in the request wins over contact points.
 *
 * @returns null when the person cannot be reached by this channel.
 */
export function composeFor(row: Addressed): Compose | null {
  return RULES[row.channel](row);
}

const RULES: Readonly<Record<Channel, (row: Addressed) => Compose | null>> = {
  email(row) {
    const to = row.address?.email ?? addressOfKind(row, 'email');
    if (!to) return null;
    return (content) => ({
      channel: 'email',
      to,
      subject: content.subject ?? '',
      ...(content.text !== undefined ? { text: content.text } : {}),
      ...(content.html !== undefined ? { html: content.html } : {}),
      ...(row.options?.from ? { from: row.options.from } : {}),
      ...(row.options?.reply_to ? { replyTo: row.options.reply_to } : {}),
    });
  },

  sms(row) {
    const to = row.address?.phone ?? addressOfKind(row, 'phone');
    if (!to) return null;
    return (content) => ({
      channel: 'sms',
      to,
      text: content.text ?? '',
      ...(row.options?.from ? { from: row.options.from } : {}),
    });
  },

  /** The device registered last is the one in use. One that was refused in this round is passed over for the next. */
  push(row) {
    const to = row.address?.push ?? untriedDevices(row)[0];
    if (!to) return null;
    const options = row.options?.push;
    return (content) => ({
      channel: 'push',
      to,
      title: content.title ?? '',
      body: content.body ?? '',
      ...(content.url !== undefined ? { url: content.url } : {}),
      ...(options !== undefined ? { options } : {}),
    });
  },

  in_app({ app_id: appId, environment, recipient_id: recipientId }) {
    if (!recipientId) return null;
    return (content) => ({
      channel: 'in_app',
      appId,
      environment,
      recipientId,
      title: content.title ?? '',
      body: content.body ?? '',
      ...(content.url !== undefined ? { url: content.url } : {}),
    });
  },
};

function addressOfKind({ contact_points: points }: Addressed, kind: ContactPoint['kind']) {
  return points?.find((point) => point.kind === kind)?.address;
}

/** The address that a suppression of this message's channel refers to. */
export function addressOf(message: Message): string {
  if (message.channel === 'in_app') return message.recipientId;
  const { to } = message;
  return typeof to === 'string' ? to : deviceOf(to);
}

function deviceOf(target: PushTarget): string {
  if ('subscription' in target) return target.subscription.endpoint;
  return 'fcm_token' in target ? target.fcm_token : target.apns_token;
}

/**
 * Whether a message still goes to a valid address: one given in the request, or an enabled contact point. A person may
 * have several; it need not be the one that would be chosen now.
 */
export function isStillTheirs(
  { address, contact_points: points, recipient_id: recipientId }: Addressed,
  message: Message,
): boolean {
  if (message.channel === 'in_app') return message.recipientId === recipientId;
  const given = { email: address?.email, sms: address?.phone, push: address?.push }[message.channel];
  return given !== undefined || (points ?? []).some((point) => point.address === addressOf(message));
}

/**
 * After a device was rejected: the marks of all rejected devices, for `tried`, if the person has another one.
 *
 * @param refused the device that the provider rejected as unknown.
 * @returns null where there is no other device, or the message was addressed to this one alone.
 */
export function marksOfRefusedDevices(
  row: Pick<Addressed, 'address' | 'contact_points' | 'tried'>,
  refused: PushTarget,
): string[] | null {
  if (row.address?.push) return null;
  const mark = markOf(refused);
  if (!untriedDevices(row).some((target) => markOf(target) !== mark)) return null;
  return [...(row.tried ?? []).filter((tried) => tried.startsWith(MARK)), mark];
}

/** Stored among the ids of tried accounts, which have no colon. */
const MARK = 'device:';

function untriedDevices({
  contact_points: points,
  tried,
}: Pick<Addressed, 'contact_points' | 'tried'>): PushTarget[] {
  const targets = (points ?? []).map(targetOf).filter((target) => target !== null);
  return targets.filter((target) => !tried?.includes(markOf(target)));
}

/** A hash: tokens are secrets, and long. */
function markOf(target: PushTarget): string {
  return `${MARK}${hash('sha256', deviceOf(target), 'hex').slice(0, 16)}`;
}

function targetOf(point: ContactPoint): PushTarget | null {
  if (point.kind === 'fcm') return { fcm_token: point.address };
  if (point.kind === 'apns') return { apns_token: point.address };
  if (point.kind === 'web_push' && point.keys)
    return { subscription: { endpoint: point.address, keys: point.keys } };
  return null;
}
