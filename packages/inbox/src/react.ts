import { createElement, type HTMLAttributes, useEffect, useRef } from 'react';
import type { Category, CarillonInbox as Element, Message, Placement } from './carillon-inbox.ts';

export interface CarillonInboxProps extends Omit<HTMLAttributes<Element>, 'children'> {
  apiUrl: string;
  token?: string;
  getToken?: () => Promise<string>;
  theme?: 'light' | 'dark' | 'auto';
  placement?: Placement;
  categories?: readonly Category[];
  onMessage?: (message: Message) => void;
  onCounts?: (counts: { unread_count: number; unseen_count: number }) => void;
  /** Call `event.preventDefault()` to follow the message in your own way. */
  onOpen?: (message: Message, event: CustomEvent<Message>) => void;
}

/** `<carillon-inbox>` for React 18 and 19. Import `@carillon/inbox` once, for the element itself. */
export function CarillonInbox(props: CarillonInboxProps) {
  const { apiUrl, getToken, categories = [], onMessage, onCounts, onOpen, ...attributes } = props;
  const element = useRef<Element>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    const { current } = element;
    if (!current) return;
    const off = new AbortController();
    const { signal } = off;
    current.addEventListener('carillon-message', (event) => latest.current.onMessage?.(event.detail), {
      signal,
    });
    current.addEventListener('carillon-counts', (event) => latest.current.onCounts?.(event.detail), {
      signal,
    });
    current.addEventListener('carillon-open', (event) => latest.current.onOpen?.(event.detail, event), {
      signal,
    });
    return () => off.abort();
  }, []);
  useEffect(() => {
    if (!element.current) return;
    element.current.categories = categories;
    element.current.getToken = getToken ? () => latest.current.getToken!() : null;
  });
  return createElement('carillon-inbox', { ...attributes, 'api-url': apiUrl, ref: element });
}
