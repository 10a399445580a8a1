export interface TlsWish {
  host: string;
  /** TLS from the first byte. */
  secure?: boolean | undefined;
  /** Whether a server without STARTTLS is refused; by default it is, unless it is this machine. */
  requireTls?: boolean | undefined;
}

/**
 * @returns whether STARTTLS must succeed before anything is sent; false also with TLS from the first byte.
 */
export function needsStartTls({ host, secure = false, requireTls }: TlsWish): boolean {
  return !secure && (requireTls ?? !isLoopback(host));
}

/** @returns whether nothing, credentials included, is ever sent in plain text. */
export function isAlwaysEncrypted(wish: TlsWish): boolean {
  return wish.secure === true || needsStartTls(wish);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
