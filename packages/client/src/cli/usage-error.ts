/** The command line or the configuration is invalid; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
