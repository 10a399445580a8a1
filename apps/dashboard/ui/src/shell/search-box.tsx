import { TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';

/** One box for ids, addresses, numbers, recipients and keys; `/` leads to it. */
export function SearchBox() {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const navigate = useNavigate();
  useHotkeys([['/', () => input.current?.focus()]]);
  return (
    <search style={{ flex: 1, maxWidth: '34rem', marginInline: 'auto', minWidth: 0 }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== '') void navigate({ to: '/search', search: { q: text.trim() } as never });
        }}
      >
        <TextInput
          ref={input}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          aria-label="Search by id, address, number, recipient or key"
          placeholder="Id, address, number, recipient, key ( / )"
          type="search"
        />
      </form>
    </search>
  );
}
