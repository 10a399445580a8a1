import type { CodeTable } from '../outcome/code-table.ts';

/** https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns */
export const APNS_CODES: CodeTable = {
  // About one device; it says nothing about others.
  TooManyRequests: 'throttled',
  TooManyProviderTokenUpdates: 'throttled',
  IdleTimeout: 'transient',
  InternalServerError: 'transient',
  ServiceUnavailable: 'transient',
  Shutdown: 'transient',
  // Certain rejections: the adapter creates a new token if the old one is old enough.
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
 * APNs answers this for a bad token, but also for every token if the account has the wrong host (sandbox or production)
 * or topic: applied to a token only once the account has reached a device.
 */
export const BLAMES_TOKEN_OR_ACCOUNT: readonly string[] = ['BadDeviceToken', 'DeviceTokenNotForTopic'];
