import { useMemo, useRef, useState } from 'react';
import { sampleFor } from './texts.ts';

/** Sample data as it is written, what it is, and what is wrong with it. */
export interface Sample {
  text: string;
  data: Record<string, unknown>;
  problem: string | null;
}

/** Sample data, kept in this browser under this key. @param required variables that it begins with. */
export function useSample(
  key: string,
  required: readonly string[],
): readonly [Sample, (text: string) => void] {
  const place = `carillon.sample.${key}`;
  const first = useRef(required);
  const [text, setText] = useState(
    () => localStorage.getItem(place) ?? JSON.stringify(sampleFor(first.current), null, 2),
  );
  const parsed = useMemo(() => parse(text), [text]);
  const set = (next: string) => {
    setText(next);
    localStorage.setItem(place, next);
  };
  return [{ text, ...parsed }, set] as const;
}

function parse(text: string): Omit<Sample, 'text'> {
  if (text.trim() === '') return { data: {}, problem: null };
  try {
    const data: unknown = JSON.parse(text);
    if (data !== null && typeof data === 'object' && !Array.isArray(data))
      return { data: data as Record<string, unknown>, problem: null };
    return { data: {}, problem: 'This is not an object: write { "name": "Ada" }.' };
  } catch {
    return { data: {}, problem: 'This is not JSON. Check quotes, commas and brackets.' };
  }
}
