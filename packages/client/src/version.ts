/** The version of this package; a test compares it with package.json, which code for every runtime cannot read. */
export const VERSION = '0.1.0';
