import type { Channel } from '../notification/channel.ts';
import type { Content } from '../notification/message.ts';

/**
 * The category of test messages of templates. They have inline content, so that they count neither for the template nor
 * for a category or campaign that people look at; statistics leave this category out.
 */
export const TEST_CATEGORY = 'template-test';

/** A late test would test a different situation. */
export const TEST_TTL_SECONDS = 3_600;

const MARK = '[TEST] ';

/** A rendered text, marked where its recipient looks first. */
export function markedAsTest(channel: Channel, content: Content): Content {
  if (channel === 'email') return { ...content, subject: `${MARK}${content.subject ?? ''}` };
  if (channel === 'sms') return { ...content, text: `${MARK}${content.text ?? ''}` };
  return { ...content, title: `${MARK}${content.title ?? ''}` };
}
