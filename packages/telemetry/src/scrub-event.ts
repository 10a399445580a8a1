import { scrubLine as scrubbed } from '@carillon/core/program/scrub';
import type { ErrorEvent } from '@sentry/node';

/** Removes from an event what may identify people or open doors. The event is changed and returned. */
export function scrubEvent(event: ErrorEvent): ErrorEvent {
  delete event.request;
  delete event.user;
  delete event.server_name;
  delete event.breadcrumbs;
  delete event.modules;
  if (event.message !== undefined) event.message = scrubbed(event.message);
  for (const exception of event.exception?.values ?? []) {
    if (exception.type !== undefined) exception.type = scrubbed(exception.type);
    if (exception.value !== undefined) exception.value = scrubbed(exception.value);
    for (const frame of exception.stacktrace?.frames ?? []) {
      delete frame.vars;
      delete frame.pre_context;
      delete frame.context_line;
      delete frame.post_context;
      // A part of the file name, cut so that the rules do not see what it was.
      delete frame.module;
      // A line of a message that begins with "at" is read as a frame.
      if (frame.function !== undefined) frame.function = scrubbed(frame.function);
      if (frame.filename !== undefined) frame.filename = scrubbed(frame.filename);
      if (frame.abs_path !== undefined) frame.abs_path = scrubbed(frame.abs_path);
    }
  }
  for (const fields of [event.tags, event.extra]) {
    for (const [key, value] of Object.entries(fields ?? {})) {
      if (typeof value === 'string') fields![key] = scrubbed(value);
    }
  }
  return event;
}
