import type { CodeTable } from '../code-table.ts';

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
export const APNS_CODES: CodeTable = {
  // For one device; it says nothing about the next.
  TooManyRequests: 'throttled',
  TooManyProviderTokenUpdates: 'throttled',
  IdleTimeout: 'transient',
  InternalServerError: 'transient',
  ServiceUnavailable: 'transient',
  Shutdown: 'transient',
  // Certain refusals: the adapter makes a new token if the old one is old enough.
  ExpiredProviderToken: 'transient',
  BadCollapseId: 'rejected',
  BadExpirationDate: 'rejected',
  BadMessageId: 'rejected',
  BadPath: 'rejected',
  BadPriority: 'rejected',
  DuplicateHeaders: 'rejected',
  InvalidPushType: 'rejected',
  MethodNotAllowed: 'rejected',
  MissingDeviceToken: 'rejected',
  PayloadEmpty: 'rejected',
  PayloadTooLarge: 'rejected',
  Unregistered: 'bad_recipient',
  ExpiredToken: 'bad_recipient',
  BadDeviceToken: 'bad_recipient',
  DeviceTokenNotForTopic: 'bad_recipient',
  BadCertificate: 'misconfigured',
  BadCertificateEnvironment: 'misconfigured',
  BadEnvironmentKeyIdInToken: 'misconfigured',
  BadTopic: 'misconfigured',
  Forbidden: 'misconfigured',
  InvalidProviderToken: 'misconfigured',
  MissingProviderToken: 'misconfigured',
  MissingTopic: 'misconfigured',
  TopicDisallowed: 'misconfigured',
  UnrelatedKeyIdInToken: 'misconfigured',
};

/**
 * What APNs says of a token, and also of every token when the account names the wrong host (sandbox or production) or
 * the wrong topic: believed of a token only once the account has proven itself.
 */
export const BLAMES_TOKEN_OR_ACCOUNT: readonly string[] = ['BadDeviceToken', 'DeviceTokenNotForTopic'];
