import type { Template } from 'liquidjs';
import type { Channel } from '../channel.ts';
import type { Content } from '../message.ts';
import { isTemplate, kindOf } from './check.ts';
import { directSegments, joinSegments, type Segment } from './direct.ts';
import { OutputTooLarge, parseField, renderField } from './engine.ts';
import { type ContentField, MAX_OUTPUT_LENGTH } from './limits.ts';
import { isOurs, ourVariables } from './our-variables.ts';
import { PlanCache } from './plan-cache.ts';
import { missingVariables, variableUse } from './required-variables.ts';
import { SINGLE_LINE_FIELDS, singleLine } from './single-line.ts';
import { urlProblem } from './url-rule.ts';

export type Rendering =
  | { ok: true; content: Content }
  | { ok: false; code: 'missing_variables' | 'render_failed' | 'output_too_large'; message: string };

interface Plan {
  /** The fields that have something to render; the others are final. */
  fields: { field: ContentField; source: string; templates: Template[]; segments: Segment[] | null }[];
  required: string[];
  /** Whether it mentions a variable that we bring. */
  usesOurs: boolean;
}

const NOTHING_TO_RENDER: Plan = { fields: [], required: [], usesOurs: false };
/** A parsed template takes some ten times its source; 8 M characters of source are about 100 MB at the very worst. */
const plans = new PlanCache<Plan>(1_000, 8_000_000);

/**
 * Fills a template with data: the worker's render step. Pure and synchronous; the same input gives the same output,
 * except where the template prints `'now' | date`.
 *
 * @param data the template's variables. Null for inline content, which is final text and is returned untouched: it
 *   may quote `{{` from anywhere.
 * @param cacheKey names this exact content for ever, such as `<template id>/<version>/<channel>/<locale>`; parsed
 *   templates are kept under it. Without one everything is parsed anew.
 * @returns the content to send, or why it cannot be: `missing_variables` names them, `render_failed` covers an error
 *   while rendering, used-up limits and a forbidden URL, `output_too_large` names field and bound.
 */
export function renderContent(
  channel: Channel,
  content: Content,
  data: Readonly<Record<string, unknown>> | null,
  cacheKey?: string,
): Rendering {
  if (data === null) return { ok: true, content };
  let plan = cacheKey === undefined ? undefined : plans.get(cacheKey);
  if (plan === undefined) {
    try {
      plan = planOf(channel, content);
    } catch (error) {
      return { ok: false, code: 'render_failed', message: describe(error) };
    }
    if (cacheKey !== undefined) plans.set(cacheKey, plan, weightOf(plan));
  }
  if (plan.fields.length === 0) return { ok: true, content };

  const missing = missingVariables(plan.required, data);
  if (missing.length > 0) {
    return { ok: false, code: 'missing_variables', message: `data lacks ${missing.join(', ')}` };
  }
  const variables = plan.usesOurs ? { ...ourVariables(channel), ...data } : data;
  const rendered: Content = { ...content };
  for (const { field, source, templates, segments } of plan.fields) {
    const maxLength = MAX_OUTPUT_LENGTH[channel][field] ?? 0;
    let text: string;
    try {
      text =
        (segments && joinSegments(kindOf(field), segments, variables)) ??
        renderField(kindOf(field), templates, variables, maxLength);
      if (text.length > maxLength) throw new OutputTooLarge(maxLength);
    } catch (error) {
      return failure(error, channel, field);
    }
    if (SINGLE_LINE_FIELDS.includes(field)) text = singleLine(text);
    if (field === 'url') {
      const url = text.trim();
      const problem = url === '' ? null : urlProblem(url, source);
      if (problem !== null) return { ok: false, code: 'render_failed', message: problem };
      if (url === '') delete rendered.url;
      else rendered.url = url;
    } else rendered[field] = text;
  }
  return { ok: true, content: rendered };
}

function planOf(channel: Channel, content: Content): Plan {
  const fields: Plan['fields'] = [];
  const required = new Set<string>();
  let usesOurs = false;
  for (const [field, source] of Object.entries(content) as [ContentField, string | undefined][]) {
    if (source === undefined || !isTemplate(source)) continue;
    const templates = parseField(kindOf(field), source);
    const use = variableUse(templates);
    for (const path of use.required) if (!isOurs(channel, path)) required.add(path);
    usesOurs ||= [...use.variables].some((path) => isOurs(channel, path));
    fields.push({ field, source, templates, segments: directSegments(kindOf(field), templates) });
  }
  return fields.length === 0 ? NOTHING_TO_RENDER : { fields, required: [...required].sort(), usesOurs };
}

function weightOf(plan: Plan): number {
  return plan.fields.reduce((sum, { source }) => sum + source.length, 0);
}

function failure(error: unknown, channel: Channel, field: ContentField): Rendering {
  if (error instanceof OutputTooLarge) {
    const message = `${field} is ${error.message}, which is what ${channel} takes: shorten the template or its data`;
    return { ok: false, code: 'output_too_large', message };
  }
  if ((error as Error)?.name === 'UndefinedVariableError') {
    return { ok: false, code: 'missing_variables', message: `${field}: ${describe(error)}` };
  }
  return { ok: false, code: 'render_failed', message: `${field}: ${describe(error)}` };
}

/** LiquidJS' own messages name tags, variables and places, never the data. */
function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.length > 300 ? `${message.slice(0, 300)}...` : message;
}
