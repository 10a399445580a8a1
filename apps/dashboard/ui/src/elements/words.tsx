import { STATE_WORDS, type Words } from '@carillon/core/notification/wording';
import { Text } from '@mantine/core';
import { Mark, type Tone } from './mark.tsx';

const TONES: Record<Words['tone'], Tone> = {
  good: 'good',
  waiting: 'waiting',
  attention: 'doubt',
  bad: 'bad',
  neutral: 'neutral',
};

/** A state or code as a mark, in words; what it means stands in its title. */
export function WordsMark({ words }: { words: Words }) {
  return (
    <span title={words.means}>
      <Mark tone={TONES[words.tone]}>{words.title}</Mark>
    </span>
  );
}

/** The state of a notification. */
export function StateMark({ state }: { state: keyof typeof STATE_WORDS }) {
  return <WordsMark words={STATE_WORDS[state]} />;
}

/** What something means and what to do next. */
export function Meaning({ words }: { words: Words }) {
  return (
    <Text size="sm" component="div" maw="48rem">
      {words.means}
      {words.next !== 'Nothing to do.' && (
        <div>
          <strong>What to do:</strong> {words.next}
        </div>
      )}
    </Text>
  );
}
