import type { GuaranteeClass } from '@carillon/core/provider/guarantee';

/** Events that must never happen, and their meaning. A single finding fails a run. */
export const RULES = {
  refused: 'a sound request was refused for good',
  other_id: 'a repeated request was answered with another id',
  lost: 'accepted, and neither delivered nor ended in a way somebody can see',
  duplicated: 'a second copy where key, evidence or policy had to prevent it',
  in_doubt: 'still in doubt although key, evidence or policy could settle it',
  unwitnessed: 'left in_doubt without a word in the timeline about who settled it and why',
  unexpected: 'at a provider or in the database, but nobody asked for it',
  wrong_state: 'database and providers tell different stories',
  wrong_environment: 'sent through an account that is not for its environment',
  too_early: 'sent before its time, or before it was accepted',
  too_late: 'sent after expires_at',
  after_cancel: 'sent although its cancel had been confirmed',
  unwanted: 'sent although a wish that forbids it had been answered',
  out_of_order: 'overtook an older one of its ordering key',
  forged: 'a receipt with a wrong signature was taken',
  inbox_missed: 'stored in an inbox, and a stream did not bring it',
  inbox_repeated: 'a stream brought it twice as new, or brought what nobody stored',
  inbox_order: 'the numbers of an inbox did not rise, or a position was forgotten',
  inbox_differs: 'streams and rows tell different stories about an inbox',
  receipt_count: 'a message that was seen or read has no receipt of it, or two',
  counts_differ: 'the counts of a campaign do not add up, or differ from its notifications',
  planned_changed:
    'what a campaign plans differs from its audience, or changed after the audience was frozen',
  made_twice: 'a campaign made two notifications for one recipient',
  unexplained: 'a recipient of a frozen audience has no notification and no reason, or both',
  unfinished: 'a campaign or an import did not come to its end',
  after_stop: 'handed to a provider long after its campaign was confirmed to be paused or cancelled',
  jobs_multiplied: 'a lane got more jobs than the notifications in it need',
  event_unasked: 'a campaign announced what its app did not ask for, or the same twice',
  opted_in: 'an import turned an opt-out into an opt-in',
  lifted: 'an import lifted a suppression, or enabled an address that was disabled',
  line_lost: 'an import reported a line that is not in the tables, or left out a flawed one',
  line_repeated: 'an import stored or counted a line twice, or over what came after it was reported',
  audit: 'the hash chain of the audit log is broken',
  loss_unnoticed: 'the loss of Redis was not declared within 10 s',
  left_healthy: 'the breaker of an account that was well moved because of single messages',
  event_late: 'an event did not reach an endpoint that answers, or long after its time',
  slow_recovery: 'took longer to recover than promised',
  healthy_while_stuck: 'did not work for more than 10 s, and its health and readiness said that it did',
  held_up:
    'waited for other messages: heavy ones to render, one in the same statement, or what can never succeed',
  over_rate: 'an account was called more often than its limit and the limiter allow',
  two_leaders: 'two workers led at the same time',
  uneven: 'equal workers did very different shares of the work',
  log_flood: 'a fault filled the log',
  unproven: 'the run did not come to the point it was to prove something about',
} as const;
export type Rule = keyof typeof RULES;

export interface Finding {
  rule: Rule;
  /** The notification; another name where it is about something else. */
  id: string;
  why: string;
  /** For `duplicated` and `in_doubt`: the provider whose guarantee was broken. */
  guarantee?: GuaranteeClass;
}
