import { base64Bytes, MAX_INLINE_BYTES } from '@carillon/core/notification/attachment';
import type { Channel } from '@carillon/core/notification/channel';
import { customerUrlProblem } from './customer-url.ts';
import type { SendRequest } from './send-schema.ts';

type Attachments = NonNullable<SendRequest['attachments']>;

/** The rules of attachments that need more than one field, or the content. */
export function checkAttachments(
  attachments: Attachments,
  route: readonly Channel[],
  allowPrivate: boolean,
  refuse: (path: string, message: string) => void,
): void {
  if (!route.includes('email')) {
    refuse('attachments', 'have no meaning without email in the route; leave them out');
  }
  let bytes = 0;
  for (const [index, { content, content_type, url }] of attachments.entries()) {
    const at = `attachments.${index}`;
    if (content !== undefined && url !== undefined)
      refuse(`${at}.url`, 'is mutually exclusive with content; give one of the two');
    else if (content === undefined && url === undefined)
      refuse(`${at}.content`, 'is missing; give content or url');
    if (content !== undefined) {
      const size = base64Bytes(content);
      if (size === null)
        refuse(`${at}.content`, 'is not base64; encode the file with padding and without line breaks');
      else if (size === 0) refuse(`${at}.content`, 'is empty; leave the attachment out');
      bytes += size ?? 0;
      if (content_type === undefined)
        refuse(`${at}.content_type`, 'is missing; give a type such as application/pdf');
    }
    const wrong = url === undefined ? null : customerUrlProblem(url, allowPrivate);
    if (wrong !== null) refuse(`${at}.url`, wrong);
  }
  if (bytes > MAX_INLINE_BYTES) {
    refuse(
      'attachments',
      `have ${bytes} bytes; at most ${MAX_INLINE_BYTES} come with a request. Give larger files by url`,
    );
  }
}
