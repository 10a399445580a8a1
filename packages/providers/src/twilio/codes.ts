import {
  codeTable,
  misconfigured,
  refusedEverywhere,
  refusedHere,
  throttled,
  transient,
} from '../outcome/code-table.ts';

/** STOP: the recipient opted out. Never retried, never failed over. */
export const TWILIO_STOPPED = 21610;

/**
 * Every code of Twilio's dictionary that the creation of an SMS, or the status of one, can carry. Twilio warns that
 * codes change, so unknown ones are treated by their HTTP status. Codes of other products (Verify's 60xxx, voice, the
 * shortening of links, registrations) and of media, scheduling and WhatsApp templates, which are not used here, are
 * left out. https://www.twilio.com/docs/api/errors
 */
export const TWILIO_CODES = codeTable([
  [
    misconfigured('account'),
    [
      10001, // Account is not active
      10002, // Trial accounts do not support the feature you tried to use
      20003, // Permission denied
      20004, // Method not allowed
      20005, // Account not active
      20006, // Access denied
      20008, // Test credentials
      20010, // Action disabled for account
      20011, // Invalid TLS version
      20012, // Invalid TLS 1.2 cipher suite
      ...[20101, 20102, 20103, 20104, 20105, 20106, 20107], // Access token: invalid, expired, not yet valid ...
      ...[20151, 20152, 20153, 20154, 20155, 20156, 20157, 20159, 20160], // Authentication of a token failed
      20403, // Forbidden
      20404, // Not found: the account of the URL
      20410, // Gone
      20423, // Invalid SID
      20426, // Upgrade required
      21218, // Invalid ApplicationSid
      21609, // Invalid 'StatusCallback'
      21624, // Invalid validity period value
      21626, // Invalid 'StatusCallbackEvent'
      30002, // Account suspended
      30012, // TTL is too small
      30013, // TTL is too big
      30037, // Outbound messaging disabled
      30112, // Account is not found
      63001, // Channel could not authenticate the request
      63008, // Channel module misconfigured
      63020, // Business Manager account error
      63051, // WhatsApp business account is locked
      63111, // Sender's number or business account not found
      63112, // Business accounts disabled
      90007, // Invalid validity period value
      90010, // Account is not active
      90014, // Validity period should be a positive integer
    ],
  ],
  [
    misconfigured('sender'),
    [
      14102, // Invalid "From" attribute
      14108, // From phone number not SMS capable
      21210, // 'From' phone number not verified
      21212, // Invalid From number
      21213, // Caller phone number is required
      21264, // 'From' phone number not verified
      21267, // Alphanumeric sender ID cannot be used on trial accounts
      21601, // Phone number is not a valid SMS-capable inbound phone number
      21603, // A 'From' or 'MessagingServiceSid' is required
      21606, // 'From' is not a message-capable number for this destination
      21607, // 'From' must be the sandbox number for trial accounts
      21616, // 'From' matches multiple numbers of the account
      21657, // The sender ID is invalid
      21659, // 'From' is not a Twilio number, or short code country mismatch
      21660, // Mismatch between the 'From' number and the account
      21661, // 'From' number is not SMS-capable
      21701, // The messaging service does not exist
      21702, // The messaging service is not available to send new messages
      21703, // The messaging service has no number available to send
      21704, // The messaging service contains no phone numbers
      21705, // The messaging service is invalid
      21708, // Alpha sender ID missing from the request
      21709, // Alpha sender ID invalid or not authorized for this messaging service
      21711, // Number is not associated with the messaging service
      21712, // Number is associated with another messaging service
      21713, // Messaging service use case is invalid
      21715, // Number does not have the capabilities of the messaging service
      21717, // Brand registration is not registered or not valid
      21719, // Incompatible messaging service and A2P use cases
      21720, // A2P use case is invalid
      21729, // Cannot perform operation on suspended campaign
      21731, // Cannot perform operation on suspended brand
      21733, // Default messaging service not found
      30018, // Destination carrier requires sender ID pre-registration
      30024, // Numeric sender ID not provisioned on carrier
      30032, // Toll-free number has not been verified
      30033, // A2P 10DLC: campaign suspended
      30034, // A2P 10DLC: message from an unregistered number
      30035, // A2P 10DLC: number still being configured
      30124, // MessagingServiceSID cannot be empty
      30127, // MessagingServiceSID is invalid
      63002, // Channel could not find the From address
      63007, // Could not find a channel with the specified From address
      63109, // This sender has been migrated into a different account
    ],
  ],
  [
    // A permission that this account lacks for this number: it has to be granted, and another account may have it.
    misconfigured('recipient'),
    [
      14111, // Invalid To number for trial mode
      21219, // 'To' phone number not verified
      21408, // Sending is not enabled for the region of the 'To' number
      21608, // 'To' is not yet verified for this (trial) account
      63015, // Sandbox: the recipient has not joined
      63035, // The recipient is no tester of an agent that is not launched
      572002, // Trial: 'From' is not assigned to this verified recipient
      572005, // Trial: destination number has not completed verification
    ],
  ],
  [
    throttled('account'),
    [
      14107, // SMS send rate limit exceeded
      20429, // Too many requests
      30022, // A2P 10DLC: rate limits exceeded
      63017, // Rate limit exceeded
      63018, // Rate limit exceeded for channel
    ],
  ],
  [
    throttled('sender'),
    [
      21611, // This 'From' number has exceeded the maximum number of queued messages
      30001, // Queue overflow: too many messages too quickly
    ],
  ],
  [
    'quota',
    [
      30023, // A2P 10DLC: daily message cap reached
      30027, // A2P 10DLC: T-Mobile daily message limit reached
      30454, // Account exceeded the messages limit
      63038, // Account exceeded the daily messages limit
    ],
  ],
  [
    transient('provider'),
    [
      20162, // A conflicting resource update is in progress
      20409, // Conflict
      21730, // System under maintenance
    ],
  ],
  [
    transient('recipient'),
    [
      30003, // Unreachable destination handset
      30008, // Unknown error, at the carrier
      30017, // Carrier network congestion
    ],
  ],
  [
    'in_doubt',
    [
      20500, // Internal server error
      20503, // Service unavailable
      20504, // Internal error
      30020, // Internal failure with message scheduling
      30021, // Internal failure with messaging service orchestrator
      30410, // Provider timeout error
      30500, // Internal error
      63009, // Channel provider returned an internal service error
      63010, // Internal error processing this message
      63012, // Channel provider returned an internal service error
    ],
  ],
  [
    // The pair of sender and recipient does not work, or not through this provider.
    refusedHere('recipient'),
    [
      21214, // 'To' phone number cannot be reached
      21612, // The combination of 'To' and 'From' is not reachable
      30010, // Message price exceeds max price
      30014, // 'To' attributes are invalid
      30015, // Non-supported channel type
      30016, // 'To' and 'From' channel types are incompatible
      30453, // Message couldn't be delivered
      63003, // Channel could not find the To address
      63024, // Invalid message recipient
      63036, // The number cannot be reached by RBM
      63106, // Not an RCS capable number
    ],
  ],
  [
    refusedHere('sender'),
    [
      21266, // 'To' and 'From' cannot be the same
      63031, // Channels message cannot have same From and To
    ],
  ],
  [
    // Filters and limits of size differ between providers and their routes.
    refusedHere('message'),
    [
      20001, // Unknown parameters
      20413, // Request entity too large
      20422, // Invalid parameter
      21605, // Maximum body length is 160 characters (old endpoint)
      21617, // The body exceeds the 1600 character limit
      21618, // The message body cannot be sent
      21619, // Unable to create record
      21658, // Parameter exceeded character limit
      30007, // Message filtered
      30019, // Content size exceeds carrier limit
      30038, // One-time password filtered
      30400, // Parameters are not valid
      63005, // Channel did not accept given content
      63006, // Could not format given content for the channel
      63011, // Invalid request
      63013, // Channel policy violation
      63016, // Outside the allowed window
      63021, // Channel invalid content
      63023, // Channel generic error
      63026, // Sender content flagged as spam
    ],
  ],
  [
    refusedEverywhere('message'),
    [
      14103, // Invalid body
      21602, // Message body is required
      30036, // Validity period expired
      30039, // Filtered to prevent message loops
    ],
  ],
  [
    // Blocked by the person or by fraud protection: no other account may be tried.
    refusedEverywhere('recipient'),
    [
      21268, // Premium rate or information service number
      30004, // Message blocked
      30450, // Message delivery blocked
      63014, // Blocked by user action
      63032, // Not to this user because of a limitation of the channel
      63033, // Recipient blocked to receive messages
      63049, // The channel chose not to deliver a marketing message
    ],
  ],
  [
    'bad_recipient',
    [
      14101, // Invalid "To" attribute
      21211, // Invalid 'To' phone number
      21217, // Phone number does not appear to be valid
      21265, // 'To' cannot be a short code
      21401, // Invalid phone number
      21604, // 'To' is required
      TWILIO_STOPPED, // Attempt to send to unsubscribed recipient
      21614, // 'To' is not a valid mobile number
      21635, // 'To' cannot be a landline
      30005, // Unknown destination handset
      30006, // Landline or unreachable carrier
    ],
  ],
]);
