import type { Campaign } from '@carillon/client/api-types';

export type Step = 'content' | 'audience' | 'schedule' | 'review';

/** The steps in their order, and what of a campaign they write. */
export const STEPS: readonly { step: Step; title: string; isDone(campaign: Campaign): boolean }[] = [
  {
    step: 'content',
    title: 'Content',
    isDone: (campaign) => gapsOf(campaign).every(({ step }) => step !== 'content'),
  },
  { step: 'audience', title: 'Audience', isDone: ({ audience }) => audience !== null },
  { step: 'schedule', title: 'Schedule', isDone: ({ schedule }) => schedule !== null },
  { step: 'review', title: 'Review', isDone: ({ state }) => state !== 'draft' },
];

/** What a campaign lacks before it can be reviewed: the sentence, and the step that mends it. */
export function gapsOf(campaign: Campaign): { step: Step; detail: string }[] {
  const { template, variants, route, category, audience } = campaign;
  const gaps: { step: Step; detail: string }[] = [];
  if (template === null && variants.length === 0)
    gaps.push({ step: 'content', detail: 'It has no template. Choose what is sent.' });
  if (route.length === 0) gaps.push({ step: 'content', detail: 'It has no channel. Choose one at least.' });
  if (route.includes('email') && category === null)
    gaps.push({
      step: 'content',
      detail: 'It goes by e-mail and has no category. Choose one that people can opt out of.',
    });
  if (audience === null)
    gaps.push({ step: 'audience', detail: 'It has no audience. Choose whom it is for.' });
  return gaps;
}
