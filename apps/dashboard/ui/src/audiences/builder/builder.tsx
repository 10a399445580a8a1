import type { Channel } from '@carillon/core/notification/channel';
import { Fieldset, Stack } from '@mantine/core';
import { useMemo, useRef } from 'react';
import { CarillonError } from '../../api/call.ts';
import { useCount } from '../count.ts';
import { CountedPeople } from '../counted.tsx';
import { SamplePeople } from '../sample.tsx';
import type { Form } from './form.ts';
import { GroupFields } from './group.tsx';
import { KnownProvider, useReadKnown } from './known.ts';
import { placeProblems } from './problems.ts';
import type { Problem, Written } from './write-form.ts';

/**
 * The fields of a filter, with how many it selects as it is written, whom each channel reaches, and some of them. What
 * the API refuses stands at the condition that it is about.
 *
 * @param written the form as `writeForm` writes it.
 * @param without the key of the audience whose filter it is.
 * @param saved the key of the audience that has exactly this filter: its exact count is kept.
 * @param exactly counts exactly without being asked.
 * @param isSent somebody tried to save it: what is missing is shown.
 * @param failure of the attempt, whose messages have paths from `filter`.
 */
export function AudienceBuilder({
  form,
  written,
  onChange,
  readOnly = false,
  without,
  saved,
  exactly = false,
  isSent = false,
  failure = [],
  channels,
}: {
  form: Form;
  written: Written;
  onChange(next: Form): void;
  readOnly?: boolean;
  without?: string | undefined;
  saved?: string;
  exactly?: boolean;
  isSent?: boolean;
  failure?: readonly Problem[];
  channels?: readonly Channel[];
}) {
  const known = useReadKnown(without);
  const added = useRef<string | null>(null);
  const counted =
    written.problems.length > 0 ? null : saved ? { audience: saved } : { filter: written.filter };
  const counting = useCount(counted, exactly);
  const { error } = counting.about;
  const { placed } = useMemo(() => {
    const refused = counting.isBehind ? [] : problemsOf(error).map((each) => moved(each, written));
    const missing = written.problems.filter(({ isMissing }) => isSent || !isMissing);
    const all = [...missing, ...refused, ...failure];
    return placeProblems(unique(all), written.places);
  }, [counting.isBehind, error, written, isSent, failure]);
  return (
    <KnownProvider value={known}>
      <Stack>
        <Fieldset disabled={readOnly} variant="unstyled" p={0}>
          <GroupFields
            node={form.root}
            added={added}
            placed={placed}
            onChange={(root) => root !== null && onChange({ root })}
          />
        </Fieldset>
        <CountedPeople of={counting} unfinished={written.problems.length} {...(channels && { channels })} />
        <SamplePeople counted={counted} />
      </Stack>
    </KnownProvider>
  );
}

/** What the API said about the filter of a request. */
export function problemsOf(error: unknown): readonly Problem[] {
  return error instanceof CarillonError ? error.errors : [];
}

/** The count was asked for with the filter alone; the form may be a part of another request. */
function moved(problem: Problem, { base }: Written): Problem {
  const isOfFilter = problem.path === 'filter' || problem.path.startsWith('filter.');
  return isOfFilter ? { ...problem, path: `${base}${problem.path.slice('filter'.length)}` } : problem;
}

function unique(problems: readonly Problem[]): Problem[] {
  return [...new Map(problems.map((each) => [`${each.path} ${each.message}`, each])).values()];
}
