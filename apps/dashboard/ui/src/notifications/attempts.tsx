import type { Attempt } from '@carillon/client/api-types';
import { errorWords, OUTCOME_WORDS, PHASE_WORDS } from '@carillon/core/notification/wording';
import { Accordion, Group, Stack, Text, Title } from '@mantine/core';
import { Copyable } from '../elements/copy.tsx';
import { Facts } from '../elements/facts.tsx';
import { Mark } from '../elements/mark.tsx';
import { Time } from '../elements/time.tsx';
import { Meaning, WordsMark } from '../elements/words.tsx';
import { providerOf } from './provider-of.ts';

/** Every call to a provider, with its answer folded. */
export function Attempts({ attempts }: { attempts: readonly Attempt[] }) {
  return (
    <Stack component="section" gap="xs" aria-label="Attempts">
      <Title order={2}>Attempts</Title>
      {attempts.length === 0 ? (
        <Text size="sm">No provider was called yet.</Text>
      ) : (
        <Accordion variant="contained" order={3}>
          {attempts.map((attempt) => (
            <Accordion.Item key={attempt.n} value={String(attempt.n)}>
              <Accordion.Control>
                <Group gap="xs">
                  <Text size="sm">
                    {attempt.n}. {attempt.channel} by {attempt.provider}
                  </Text>
                  {attempt.outcome === null ? (
                    <Mark tone="waiting">Being called</Mark>
                  ) : (
                    <WordsMark words={OUTCOME_WORDS[attempt.outcome]} />
                  )}
                  {attempt.error !== null && (
                    <Text size="sm" className="dim">
                      {wordsOf(attempt).title}
                    </Text>
                  )}
                </Group>
              </Accordion.Control>
              <Accordion.Panel>
                <Answer attempt={attempt} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </Stack>
  );
}

function Answer({ attempt }: { attempt: Attempt }) {
  const { id, outcome, phase, error, latency_ms, started_at, finished_at, provider_message_id } = attempt;
  return (
    <Stack gap="sm">
      {error !== null ? (
        <Meaning words={wordsOf(attempt)} />
      ) : (
        outcome !== null && <Meaning words={OUTCOME_WORDS[outcome]} />
      )}
      <Facts
        facts={[
          error === null ? null : ['Code', <Copyable key="code" text={error.code} label="the code" />],
          error?.message ? ["Provider's answer", error.message] : null,
          provider_message_id === null
            ? null
            : ["Provider's message id", <Copyable key="id" text={provider_message_id} label="the id" />],
          ['How far it came', `${PHASE_WORDS[phase].title}: ${PHASE_WORDS[phase].means}`],
          ['Began', <Time key="began" at={started_at} />],
          finished_at === null ? null : ['Ended', <Time key="ended" at={finished_at} />],
          latency_ms === null ? null : ['Took', `${latency_ms} ms`],
          ['Attempt', <Copyable key="attempt" text={id} label="the id of the attempt" />],
        ]}
      />
    </Stack>
  );
}

const wordsOf = ({ error, outcome, provider }: Attempt) =>
  errorWords({ code: error?.code ?? '', outcome, provider: providerOf(provider) });
