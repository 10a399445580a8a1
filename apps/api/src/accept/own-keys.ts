import { OWN_KEY_PREFIX } from '@carillon/core/campaign/keys';

/**
 * Keys of the notifications that Carillon makes by itself begin with a prefix of their own. A request with such a key
 * could take the place of a message that is not made yet.
 */
export const isFree = (key: string): boolean => !key.startsWith(OWN_KEY_PREFIX);

/** Completes the sentence `"<value>" ...`. */
export const NOT_FREE = `begins with ${OWN_KEY_PREFIX}, which only keys that Carillon makes do; choose another one`;
