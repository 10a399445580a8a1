import { type Link, trace } from '@opentelemetry/api';
import { type Sampler, SamplingDecision } from '@opentelemetry/sdk-trace';

/**
 * Samples a span that begins a trace and links to a sampled one; decides about all others as `inner` does. The relay
 * publishes many messages in one span, which belongs to none of their traces: without this, a sampled message would lead
 * to a span that does not exist.
 */
export function linkedSampler(inner: Sampler): Sampler {
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) => {
      const isRoot = trace.getSpanContext(context) === undefined;
      if (isRoot && links.some(isSampled)) return { decision: SamplingDecision.RECORD_AND_SAMPLED };
      return inner.shouldSample(context, traceId, name, kind, attributes, links);
    },
    toString: () => `Linked{${inner.toString()}}`,
  };
}

const isSampled = ({ context }: Link): boolean => (context.traceFlags & 1) === 1;
