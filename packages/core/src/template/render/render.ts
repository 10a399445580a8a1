import type { Template } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import type { Channel } from '../../notification/channel.ts';
import type { Content } from '../../notification/message.ts';
import { formatLocaleOf } from '../../recipient/locale.ts';
import { SINGLE_LINE_FIELDS, singleLine } from '../filters/single-line.ts';
import { isTemplate, kindOf } from '../syntax/check.ts';
import { OutputTooLarge, parseField, renderField } from '../syntax/engine.ts';
import { CURRENT_ENGINE, type EngineVersion } from '../syntax/engine-version.ts';
import { DEFAULT_SETTING, type Setting } from '../syntax/field-context.ts';
import { isOurs, ourVariables } from '../syntax/our-variables.ts';
import { missingVariables, variableUse } from '../syntax/required-variables.ts';
import { urlProblem } from '../syntax/url-rule.ts';
import { wellFormed, wellFormedContent } from '../syntax/well-formed.ts';
import { blankField } from './blank.ts';
import { directSegments, joinSegments, type Segment } from './direct.ts';
import { type ContentField, MAX_OUTPUT_LENGTH, WORK_LIMIT } from './limits.ts';
import { WorkExceeded, WorkMeter } from './work.ts';

export type Rendering =
  | { ok: true; content: Content; work: number }
  | {
      ok: false;
      code: 'missing_variables' | 'render_failed' | 'output_too_large';
      message: string;
      work: number;
    };

export interface RenderOptions extends Partial<Setting> {
  /**
   * A permanent name of this exact content, such as `<template id>/<version>/<channel>/<locale>`; parsed templates are
   * kept under it. Without one everything is parsed each time.
   */
  cacheKey?: string;
  /** That of the version; the newest one without. One cache key always comes with the same. */
  engine?: EngineVersion;
}

interface Plan {
  /** The fields with template syntax; the others are final. */
  fields: { field: ContentField; source: string; templates: Template[]; segments: Segment[] | null }[];
  required: string[];
  /** Whether it mentions a built-in variable. */
  usesOurs: boolean;
}

const NOTHING_TO_RENDER: Plan = { fields: [], required: [], usesOurs: false };
/** A parsed template takes about ten times its source; 8 M characters of source are about 100 MB in the worst case. */
const plans = new LRUCache<string, Plan>({ max: 1_000, maxSize: 8_000_000 });

/**
 * Fills a template with data: the worker's render step. Pure and synchronous; the same input gives the same output,
 * except where the template prints `'now' | date`.
 *
 * @param data the template's variables. Null for inline content, which is final text: it may contain `{{`.
 * @param options locale and zone of dates (English and UTC without), cache, budget.
 * @returns the content to send, every field of it well-formed, with the work that was counted; or why it cannot be
 *   sent: `missing_variables` names them, `render_failed` covers an error while rendering, used-up limits, a forbidden
 *   URL and a field that came out empty, `output_too_large` names field and bound.
 */
export function renderContent(
  channel: Channel,
  content: Content,
  data: Data | null,
  options: RenderOptions = {},
): Rendering {
  return render(channel, content, data, options, Number.POSITIVE_INFINITY) as Rendering;
}

/**
 * As `renderContent`, on a thread with other work.
 *
 * @param budget units of work that all fields together may cause.
 * @returns `too_heavy` if the budget does not suffice for the work, or for parsing a long source that is not cached.
 */
export function renderWithin(
  budget: number,
  channel: Channel,
  content: Content,
  data: Data | null,
  options: RenderOptions = {},
): Rendering | 'too_heavy' {
  const isKnown = options.cacheKey !== undefined && plans.get(options.cacheKey) !== undefined;
  if (data !== null && !isKnown && sourceLength(content) > MAX_SOURCE_TO_PARSE) return 'too_heavy';
  return render(channel, content, data, options, budget);
}

type Data = Readonly<Record<string, unknown>>;

/** Parsing takes about 50 ns per character. */
const MAX_SOURCE_TO_PARSE = 16_384;

/** Every text is read a few more times. */
const CHARACTERS_FINISHED_PER_UNIT = 64;

function sourceLength(content: Content): number {
  let length = 0;
  for (const text of Object.values(content) as (string | undefined)[])
    if (text !== undefined && isTemplate(text)) length += text.length;
  return length;
}

function render(
  channel: Channel,
  content: Content,
  data: Data | null,
  options: RenderOptions,
  budget: number,
): Rendering | 'too_heavy' {
  if (data === null) return finished(channel, content, 0);
  let plan: Plan;
  try {
    plan = knownPlan(channel, content, options);
  } catch (error) {
    return { ok: false, code: 'render_failed', message: describe(error), work: 0 };
  }
  if (plan.fields.length === 0) return finished(channel, content, 0);
  const missing = missingVariables(plan.required, data);
  if (missing.length > 0) {
    return { ok: false, code: 'missing_variables', message: `data lacks ${missing.join(', ')}`, work: 0 };
  }
  const variables = plan.usesOurs ? { ...ourVariables(channel), ...data } : data;
  const setting = settingOf(options);
  const { engine = CURRENT_ENGINE } = options;
  const rendered: Content = { ...content };
  let work = 0;
  for (const { field, source, templates, segments } of plan.fields) {
    const maxLength = MAX_OUTPUT_LENGTH[channel][field] ?? 0;
    const left = budget - work;
    const meter = new WorkMeter(Math.min(WORK_LIMIT, left));
    let text: string;
    try {
      text =
        (segments && joinSegments(kindOf(field), segments, variables, maxLength)) ??
        renderField(kindOf(field), templates, variables, maxLength, { meter, setting, engine });
      if (text.length > maxLength) throw new OutputTooLarge(maxLength);
      meter.use(text.length / CHARACTERS_FINISHED_PER_UNIT);
    } catch (error) {
      if (error instanceof WorkExceeded && left < WORK_LIMIT) return 'too_heavy';
      return failure(error, channel, field, work + meter.used);
    }
    work += meter.used;
    if (SINGLE_LINE_FIELDS.includes(field)) text = singleLine(text);
    if (field === 'url') {
      const url = wellFormed(text).trim();
      const problem = url === '' ? null : urlProblem(url, source);
      if (problem !== null) return { ok: false, code: 'render_failed', message: problem, work };
      if (url === '') delete rendered.url;
      else rendered.url = url;
    } else rendered[field] = text;
  }
  return finished(channel, rendered, work);
}

/** Whether a rendering of this content depends on the person's locale or time zone. */
export function isPersonal(content: Content): boolean {
  return Object.values(content).some((text: string | undefined) => text !== undefined && PERSONAL.test(text));
}

const PERSONAL = /\|\s*(?:date|time|date_time|number|percent|currency|list)\b/;

function finished(channel: Channel, content: Content, work: number): Rendering {
  const whole = wellFormedContent(content);
  const blank = blankField(channel, whole);
  if (blank === null) return { ok: true, content: whole, work };
  return { ok: false, code: 'render_failed', message: blank.message, work };
}

function knownPlan(channel: Channel, content: Content, { cacheKey, engine }: RenderOptions): Plan {
  const known = cacheKey === undefined ? undefined : plans.get(cacheKey);
  if (known !== undefined) return known;
  const plan = planOf(channel, content, engine ?? CURRENT_ENGINE);
  if (cacheKey !== undefined) plans.set(cacheKey, plan, { size: weightOf(plan) });
  return plan;
}

/** Numbers follow the locale of the text where nothing is known of the person. */
function settingOf({ locale, timeZone, formatLocale }: RenderOptions): Setting {
  const { locale: english, timeZone: utc } = DEFAULT_SETTING;
  const chosen = locale ?? english;
  return { locale: chosen, timeZone: timeZone ?? utc, formatLocale: formatLocaleOf(chosen, formatLocale) };
}

function planOf(channel: Channel, content: Content, engine: EngineVersion): Plan {
  const fields: Plan['fields'] = [];
  const required = new Set<string>();
  let usesOurs = false;
  for (const [field, source] of Object.entries(content) as [ContentField, string | undefined][]) {
    if (source === undefined || !isTemplate(source)) continue;
    const templates = parseField(kindOf(field), source, engine);
    const use = variableUse(templates);
    for (const path of use.required) if (!isOurs(channel, path)) required.add(path);
    usesOurs ||= [...use.variables].some((path) => isOurs(channel, path));
    fields.push({ field, source, templates, segments: directSegments(kindOf(field), templates) });
  }
  return fields.length === 0 ? NOTHING_TO_RENDER : { fields, required: [...required].sort(), usesOurs };
}

function weightOf(plan: Plan): number {
  return plan.fields.reduce((sum, { source }) => sum + source.length, 1);
}

function failure(error: unknown, channel: Channel, field: ContentField, work: number): Rendering {
  if (error instanceof OutputTooLarge) {
    const message = `${field} is ${error.message}, which is what ${channel} takes: shorten the template or its data`;
    return { ok: false, code: 'output_too_large', message, work };
  }
  const code = (error as Error)?.name === 'UndefinedVariableError' ? 'missing_variables' : 'render_failed';
  return { ok: false, code, message: `${field}: ${describe(error)}`, work };
}

/** LiquidJS' own messages name tags, variables and places, never the data. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.length > 300 ? `${message.slice(0, 300)}...` : message;
}
