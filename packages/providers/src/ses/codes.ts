import {
  codeTable,
  misconfigured,
  refusedEverywhere,
  refusedHere,
  transient,
} from '../outcome/code-table.ts';
import type { JsonObject } from '../outcome/parse-response.ts';

/**
 * The type in `x-amzn-errortype`, and internal names for the sentences that give one type several meanings.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, .../CommonErrors.html and
 * https://docs.aws.amazon.com/ses/latest/dg/api-error-codes.html
 */
export const SES_CODES = codeTable([
  [
    'throttled',
    [
      'TooManyRequestsException',
      'Throttling',
      'ThrottlingException',
      'ThrottledException',
      'RequestLimitExceeded',
    ],
  ],
  // "Daily message quota exceeded" is reported as one of the above, or as LimitExceededException.
  ['quota', ['LimitExceededException', 'daily_quota_exceeded']],
  [
    transient('provider'),
    ['ConflictException', 'ConcurrentModificationException', 'RequestAbortedException'],
  ],
  [
    'in_doubt',
    ['InternalFailure', 'InternalServiceError', 'InternalServiceErrorException', 'ServiceUnavailable'],
  ],
  // Its content is rejected: for example a virus.
  [refusedEverywhere('message'), ['MessageRejected']],
  [
    refusedHere('message'),
    [
      'BadRequestException',
      'ValidationException',
      'ValidationError',
      'InvalidParameterValue',
      'InvalidParameterCombination',
      'MissingParameter',
      'MalformedHttpRequestException',
      'RequestEntityTooLargeException',
      'message_too_large',
      'invalid_header',
      'invalid_tag',
    ],
  ],
  // SES accepts fewer kinds of addresses than others do.
  [refusedHere('recipient'), ['invalid_address']],
  [
    misconfigured('account'),
    [
      'AccessDenied',
      'AccessDeniedException',
      'AccountSuspendedException',
      'AccountSendingPausedException',
      'SendingPausedException',
      'sending_paused',
      'ConfigurationSetDoesNotExistException',
      'ConfigurationSetSendingPausedException',
      'configuration_set_missing',
      'tenant_missing',
      'ExpiredTokenException',
      'IncompleteSignature',
      'InvalidAction',
      'InvalidClientTokenId',
      'InvalidSignatureException',
      'SignatureDoesNotMatch',
      'MissingAuthenticationToken',
      'MissingAuthenticationTokenException',
      'NotAuthorized',
      // The configuration set, or the identity that should send.
      'NotFoundException',
      'OptInRequired',
      // The clock of this machine is off by more than five minutes.
      'RequestExpired',
      'UnknownOperationException',
      'UnrecognizedClientException',
    ],
  ],
  [
    misconfigured('sender'),
    [
      'MailFromDomainNotVerifiedException',
      'FromEmailAddressNotVerifiedException',
      'invalid_sender',
      // A sender, or in the sandbox the recipient: SES names both in one sentence.
      'identity_not_verified',
    ],
  ],
]);

/** Types with several meanings, told apart by their sentences. The first match counts. */
const SENTENCES: readonly [type: RegExp, words: RegExp, code: string][] = [
  [/^(TooManyRequests|LimitExceeded|Throttl)/, /daily message quota/i, 'daily_quota_exceeded'],
  [/^(MessageRejected|BadRequest)/, /not verified/i, 'identity_not_verified'],
  [/^(MessageRejected|BadRequest)/, /sending (is |has been )?(paused|suspended|disabled)/i, 'sending_paused'],
  [/^(MessageRejected|BadRequest)/, /configuration ?set/i, 'configuration_set_missing'],
  [/^BadRequest/, /tenant/i, 'tenant_missing'],
  [/^(MessageRejected|BadRequest)/, /length|too (long|large)|size/i, 'message_too_large'],
  [/^BadRequest/, /from address|FromEmailAddress|sender/i, 'invalid_sender'],
  [/^BadRequest/, /\btags?\b/i, 'invalid_tag'],
  [/^BadRequest/, /header/i, 'invalid_header'],
  [
    /^BadRequest/,
    /illegal address|invalid (email|address)|final '@|local (address|part)|domain (contains|starts|name)|missing '<'/i,
    'invalid_address',
  ],
];

/** `MessageRejected:http://internal.amazon.com/...` in a header, or `com.amazonaws...#MessageRejected` in the body. */
export function sesCode(header: string | string[] | undefined, body: JsonObject | null): unknown {
  const named = [header, body?.__type, body?.code].find((value) => typeof value === 'string');
  const type = named?.replace(/:.*$/s, '').split('#').at(-1);
  const sentence = [body?.message, body?.Message].find((value) => typeof value === 'string') as
    | string
    | undefined;
  const words = sentence?.slice(0, 500) ?? '';
  const found = SENTENCES.find(([types, says]) => types.test(type ?? '') && says.test(words));
  return found?.[2] ?? type;
}
