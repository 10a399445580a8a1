/** The command line or the configuration makes no sense; nothing was done. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
