import { NumberInput, Radio, Stack, Text, TextInput } from '@mantine/core';
import { useRef, useState } from 'react';
import { MomentInput } from '../../elements/moment-input.tsx';
import { ProblemAlert } from '../../elements/problem.tsx';
import { localWords } from '../words.tsx';
import { type StepProps, useUnsaved } from './draft.ts';
import { StepButtons } from './step-buttons.tsx';
import { type Timing, timingProblem, useTiming } from './timing.ts';

/** When it is sent, how fast, and until when. */
export default function ScheduleStep({ campaign, readOnly, save, next }: StepProps) {
  const [timing, setTiming] = useTiming(campaign);
  const [throttle, setThrottle] = useState<number | ''>(campaign.throttle_per_minute ?? '');
  const [expires, setExpires] = useState(campaign.expires_at ?? '');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const goesOn = useRef(true);
  const patch = {
    throttle_per_minute: throttle === '' ? null : throttle,
    expires_at: expires === '' ? null : expires,
  };
  const isChanged =
    patch.throttle_per_minute !== campaign.throttle_per_minute ||
    timeOf(patch.expires_at) !== timeOf(campaign.expires_at);
  const leave = useUnsaved(isChanged);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      leave();
      if ((!isChanged || (await save(patch))) && goesOn.current) next();
    } catch (failure) {
      leave(false);
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const problem = timing.when === 'now' || timing.at === '' ? null : timingProblem(timing, Date.now());
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Stack maw="40rem">
        <fieldset disabled={readOnly} style={{ border: 'none', margin: 0, padding: 0 }}>
          <Stack>
            <Radio.Group
              label="When it is sent"
              value={timing.when}
              onChange={(when) => setTiming({ ...timing, when: when as Timing['when'], at: '' })}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="now" label="As soon as you schedule it" />
                <Radio value="at" label="At a time, the same for everybody" />
                <Radio
                  value="local"
                  label="At a time on the clock of each recipient"
                  description="Who has no time zone gets it by that of the app."
                />
              </Stack>
            </Radio.Group>
            {timing.when === 'at' && (
              <MomentInput
                label="Send at"
                value={timing.at}
                onChange={(at) => setTiming({ ...timing, at })}
                error={problem}
                required
              />
            )}
            {timing.when === 'local' && (
              <>
                <TextInput
                  type="datetime-local"
                  label="Local time"
                  description={timing.at === '' ? undefined : `${localWords(timing.at)} in each time zone`}
                  required
                  value={timing.at.slice(0, 16)}
                  onChange={(event) => {
                    const { value } = event.currentTarget;
                    setTiming({ ...timing, at: value === '' ? '' : `${value.slice(0, 16)}:00` });
                  }}
                  error={problem}
                  maw="20rem"
                />
                <Radio.Group
                  label="Whose time has passed when it starts"
                  value={timing.late}
                  onChange={(late) => setTiming({ ...timing, late: late as Timing['late'] })}
                >
                  <Stack gap="xs" mt="xs">
                    <Radio value="now" label="gets it at once" />
                    <Radio value="next_day" label="gets it at that time on the next day" />
                    <Radio value="skip" label="does not get it" />
                  </Stack>
                </Radio.Group>
              </>
            )}
            <NumberInput
              label="Messages a minute, at most"
              description="Empty: as fast as possible. It can be changed while it runs."
              min={1}
              max={10_000_000}
              allowDecimal={false}
              thousandSeparator=","
              value={throttle}
              onChange={(value) => setThrottle(typeof value === 'number' ? value : '')}
              maw="20rem"
            />
            <div>
              <MomentInput label="Send nothing after" value={expires} onChange={setExpires} />
              <Text size="sm" className="dim">
                Optional. What is not sent by then ends as "too late".
              </Text>
            </div>
          </Stack>
        </fieldset>
        {error !== null && <ProblemAlert error={error} />}
        <StepButtons
          busy={busy}
          readOnly={readOnly}
          next={next}
          onSave={(on) => {
            goesOn.current = on;
          }}
        />
      </Stack>
    </form>
  );
}

const timeOf = (at: string | null): number | null => (at === null ? null : Date.parse(at));
