const EMAIL = /([^\s@<>"'(),;:]{1,64})@([\w.-]+\.[a-z]{2,})/gi;
/** An international number with any separators, or 7 to 15 bare digits; not those inside an id or a time. */
const PHONE = /\+\d(?:[ ().-]{0,2}\d){6,14}|(?<![\w.:+-])\d{7,15}(?![\w-])/g;

/** Masks the e-mail addresses and phone numbers in a text and leaves the rest readable. */
export function maskText(text: string): string {
  return text
    .replace(EMAIL, (_, local: string, domain: string) => `${local.slice(0, 1)}***@${domain}`)
    .replace(PHONE, (phone) => `${phone.slice(0, 3)}***${phone.slice(-2)}`);
}

/** Shortens a device token or push endpoint to its ends, which suffice to distinguish two. */
export function shortenToken(token: string): string {
  return token.length <= 16 ? token : `${token.slice(0, 8)}...${token.slice(-4)}`;
}
