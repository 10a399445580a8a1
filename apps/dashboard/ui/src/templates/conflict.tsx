import type { DraftTexts } from '@carillon/core/template/draft';
import { Alert, Button, Group, Radio, SimpleGrid, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import { Time } from '../elements/time.tsx';
import { applied, type Clash, mergeTexts } from './texts.ts';

/**
 * Somebody else stored other texts meanwhile: shows both, puts them together, and overwrites nothing by itself.
 *
 * @param base what both began with.
 * @param nameOf a field, for people.
 */
export function Conflict({
  base,
  mine,
  theirs,
  who: whose,
  at,
  title,
  nameOf,
  saveLabel = 'Save both together',
  busy,
  onTakeTheirs,
  onSave,
}: {
  base: DraftTexts;
  mine: DraftTexts;
  theirs: DraftTexts;
  /** Who stored theirs, and when. */
  who: string | null;
  at: string | null;
  title(who: string): string;
  nameOf(place: Pick<Clash, 'channel' | 'locale' | 'field'>): string;
  saveLabel?: string;
  busy: boolean;
  onTakeTheirs(): void;
  onSave(merged: DraftTexts): void;
}) {
  const merge = useMemo(() => mergeTexts(base, mine, theirs), [base, mine, theirs]);
  const [choices, setChoices] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({});
  const isDecided = merge.clashes.every(({ place }) => choices[place] !== undefined);
  const merged = merge.clashes.reduce(
    (texts, clash) => (choices[clash.place] === 'mine' ? applied(texts, clash, clash.mine) : texts),
    merge.texts,
  );
  const who = whose?.replace(/^staff:/, '') ?? 'Somebody';
  return (
    <Alert color="red" variant="outline" role="alert" title={title(who)}>
      <Stack gap="sm">
        <Text size="sm">
          Nothing was overwritten. {at !== null && <Time at={at} />}{' '}
          {merge.theirs.length > 0 && `Changed there: ${merge.theirs.map(nameOf).join('; ')}.`}{' '}
          {merge.clashes.length === 0
            ? 'Both changes fit together.'
            : `${merge.clashes.length} ${merge.clashes.length === 1 ? 'field was' : 'fields were'} changed by both: choose.`}
        </Text>
        {merge.clashes.map((clash) => (
          <Decision
            key={clash.place}
            clash={clash}
            name={nameOf(clash)}
            who={who}
            choice={choices[clash.place]}
            onChoose={(choice) => setChoices({ ...choices, [clash.place]: choice })}
          />
        ))}
        <Group>
          <Button onClick={() => onSave(merged)} disabled={!isDecided} loading={busy}>
            {saveLabel}
          </Button>
          <Button variant="default" onClick={onTakeTheirs}>
            Drop mine, go on with theirs
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function Decision({
  clash: { field, mine, theirs },
  name,
  who,
  choice,
  onChoose,
}: {
  clash: Clash;
  name: string;
  who: string;
  choice: 'mine' | 'theirs' | undefined;
  onChoose(choice: 'mine' | 'theirs'): void;
}) {
  return (
    <Radio.Group label={name} value={choice ?? ''} onChange={(next) => onChoose(next as 'mine' | 'theirs')}>
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt={4}>
        <div>
          <Radio value="mine" label="Mine" />
          <Side text={mine} label={`Mine, ${field}`} />
        </div>
        <div>
          <Radio value="theirs" label={`Of ${who}`} />
          <Side text={theirs} label={`Of ${who}, ${field}`} />
        </div>
      </SimpleGrid>
    </Radio.Group>
  );
}

function Side({ text, label }: { text: string | null; label: string }) {
  if (text === null) return <Text className="dim">removed</Text>;
  return (
    <section aria-label={label}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text scrolls by keyboard */}
      <pre className="preview-text" tabIndex={0}>
        {text}
      </pre>
    </section>
  );
}
