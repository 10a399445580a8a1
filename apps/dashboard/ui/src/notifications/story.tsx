import type { TimelineEntry } from '@carillon/client/api-types';
import { actorWords, RECEIPT_WORDS, STATE_WORDS } from '@carillon/core/notification/wording';
import { Stack, Text, Title } from '@mantine/core';
import { Time } from '../elements/time.tsx';
import { WordsMark } from '../elements/words.tsx';
import './message.css';

/** Everything that happened to a message, oldest first. */
export function Story({ timeline }: { timeline: readonly TimelineEntry[] }) {
  return (
    <Stack component="section" gap="xs" aria-label="What happened">
      <Title order={2}>What happened</Title>
      <ol className="story">
        {timeline.map((entry, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries are only added at the end
          <li key={index}>
            <div className="story-head">
              <WordsMark words={wordsOf(entry)} />
              <Time at={entry.at} />
            </div>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {entry.reason}
            </Text>
            <Text size="xs" className="dim" style={{ overflowWrap: 'anywhere' }}>
              {actorWords(entry.actor)}
            </Text>
          </li>
        ))}
      </ol>
    </Stack>
  );
}

/** A report of the provider says more than the state it leads to: opened, clicked, marked as spam. */
function wordsOf({ status, actor, detail }: TimelineEntry) {
  const kind = actor.startsWith('receipt:') ? detail?.['kind'] : undefined;
  if (typeof kind === 'string' && kind in RECEIPT_WORDS)
    return RECEIPT_WORDS[kind as keyof typeof RECEIPT_WORDS];
  return STATE_WORDS[status];
}
