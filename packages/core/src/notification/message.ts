import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';

/** A rendered message, ready for a provider: nothing in it has to be looked up or rendered. */
export type Message = EmailMessage | SmsMessage | PushMessage | InAppMessage;

export interface EmailMessage {
  channel: 'email';
  to: string;
  from?: string;
  replyTo?: string;
  subject: string;
  text?: string;
  html?: string;
  /**
   * Set by the system only, never by a customer: `Auto-Submitted` (RFC 3834), `List-Unsubscribe` and
   * `List-Unsubscribe-Post` (RFC 8058). Values are ASCII.
   */
  headers?: Readonly<Record<string, string>>;
  attachments?: readonly MailAttachment[];
}

/** A file of an e-mail. */
export interface MailAttachment {
  filename: string;
  contentType: string;
  /** Base64, which every provider expects. */
  content: string;
}

export interface SmsMessage {
  channel: 'sms';
  /** E.164. */
  to: string;
  from?: string;
  text: string;
}

export interface WebPushSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** Exactly one kind of device: the provider account that serves it follows from which one it is. */
export type PushTarget =
  | { fcm_token: string }
  | { apns_token: string }
  | { subscription: WebPushSubscription };

export interface PushMessage {
  channel: 'push';
  to: PushTarget;
  title: string;
  body: string;
  url?: string;
  options?: PushOptions;
}

/** The parts of a push besides its text. */
export interface PushOptions {
  /** Name of a sound of the app; `default` unless given, null for a silent one. */
  sound?: string | null | undefined;
  /** The number on the icon of the app; 0 takes it away. */
  badge?: number | undefined;
  /** For the app that receives it. */
  data?: Readonly<Record<string, string>> | undefined;
}

export interface InAppMessage {
  channel: 'in_app';
  appId: string;
  environment: Environment;
  recipientId: string;
  title: string;
  body: string;
  url?: string;
}

/** What a request or a template says, before it is addressed: the fields a channel renders. */
export interface Content {
  subject?: string;
  text?: string;
  html?: string;
  title?: string;
  body?: string;
  url?: string;
}

/** The fields each channel needs and may have; inline content and template versions are checked against this. */
export const CONTENT_FIELDS: Readonly<
  Record<
    Channel,
    {
      required: readonly (keyof Content)[];
      oneOf: readonly (keyof Content)[];
      optional: readonly (keyof Content)[];
    }
  >
> = {
  email: { required: ['subject'], oneOf: ['text', 'html'], optional: ['text', 'html'] },
  sms: { required: ['text'], oneOf: [], optional: [] },
  push: { required: ['title', 'body'], oneOf: [], optional: ['url'] },
  in_app: { required: ['title', 'body'], oneOf: [], optional: ['url'] },
};
