import { autocompletion, type Completion, closeBrackets } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { html } from '@codemirror/lang-html';
import { liquid } from '@codemirror/lang-liquid';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { unifiedMergeView } from '@codemirror/merge';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { EditorView, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { type RefObject, useEffect, useRef } from 'react';
import { nonce } from '../shell/theme.ts';

/** Something to say about a place of a text. */
export interface Finding {
  line: number;
  column: number;
  message: string;
  severity: 'error' | 'warning';
}

interface EditorProps {
  value: string;
  onChange?(value: string): void;
  /** Liquid in HTML, or in plain text. */
  language: 'html' | 'text';
  /** Dotted paths that are offered inside of braces. */
  variables?: readonly string[];
  findings?: readonly Finding[];
  label: string;
  /** Is given what puts a text at the cursor. */
  inserter?: RefObject<((text: string) => void) | null>;
  /** Shows what changed since this text; nothing can be edited. */
  original?: string;
}

const look = EditorView.theme({
  '&': {
    border: '1px solid var(--mantine-color-default-border)',
    borderRadius: 'var(--mantine-radius-md)',
    overflow: 'hidden',
    background: 'var(--mantine-color-body)',
    color: 'var(--mantine-color-text)',
    fontSize: '0.86rem',
  },
  '&.cm-focused': { outline: '2px solid var(--mantine-color-indigo-5)' },
  '.cm-scroller': {
    fontFamily: 'var(--mantine-font-family-monospace)',
    maxHeight: '32rem',
    minHeight: '4rem',
  },
  '.cm-content': { caretColor: 'var(--mantine-color-text)' },
  '.cm-gutters': {
    background: 'var(--mantine-color-body)',
    color: 'light-dark(var(--mantine-color-gray-7), var(--mantine-color-dark-1))',
    borderRight: '1px solid var(--mantine-color-default-border)',
  },
  '.cm-tooltip': {
    background: 'var(--mantine-color-body)',
    color: 'var(--mantine-color-text)',
    border: '1px solid var(--mantine-color-default-border)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    background: 'var(--mantine-color-indigo-8)',
    color: 'white',
  },
  '.cm-cursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    background: 'light-dark(#c7d2fe, #3b4a8c) !important',
  },
  '.cm-changedLine': { background: 'light-dark(#e6f6ec, #12361f) !important' },
  '.cm-deletedChunk': { background: 'light-dark(#fdecec, #401a1c) !important', color: 'inherit' },
  '.cm-changedText, .cm-deletedText': { background: 'none', textDecoration: 'underline' },
});

/** Readable on both page colours. */
const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operator], color: 'light-dark(#7a1fa2, #d8a4f0)' },
  { tag: [tags.tagName, tags.angleBracket], color: 'light-dark(#1b5e20, #8fd694)' },
  { tag: tags.attributeName, color: 'light-dark(#7a4a00, #f0c674)' },
  { tag: [tags.string, tags.attributeValue], color: 'light-dark(#0b4f9c, #9cc7ff)' },
  { tag: [tags.variableName, tags.propertyName], color: 'light-dark(#8a1c3b, #ff9fb2)' },
  { tag: [tags.comment, tags.meta], color: 'light-dark(#555b66, #aab2bf)' },
]);

/** A field of a template. Loaded lazily: the editor is larger than the rest of the page. */
export default function CodeEditor({
  value,
  onChange,
  language,
  variables = NONE,
  findings = NO_FINDINGS,
  label,
  inserter,
  original,
}: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  change.current = onChange;
  const grammar = useRef(new Compartment());
  const names = variables.join(' ');

  // biome-ignore lint/correctness/useExhaustiveDependencies: what changes later is applied below
  useEffect(() => {
    const editor = new EditorView({
      parent: box.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ 'aria-label': label, spellcheck: 'true' }),
          EditorView.lineWrapping,
          look,
          syntaxHighlighting(colours),
          grammar.current.of(grammarOf(language, variables)),
          ...(original === undefined ? editing((text) => change.current?.(text)) : comparing(original)),
        ],
      }),
    });
    // A region that scrolls is reached by keyboard.
    editor.scrollDOM.tabIndex = 0;
    editor.scrollDOM.setAttribute('role', 'group');
    editor.scrollDOM.setAttribute('aria-label', label);
    view.current = editor;
    if (inserter)
      inserter.current = (text) => {
        editor.dispatch(editor.state.replaceSelection(text));
        editor.focus();
      };
    return () => {
      view.current = null;
      if (inserter) inserter.current = null;
      editor.destroy();
    };
  }, [label, language, original]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || editor.state.doc.toString() === value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the names as one text, so that an equal list changes nothing
  useEffect(() => {
    view.current?.dispatch({ effects: grammar.current.reconfigure(grammarOf(language, variables)) });
  }, [names, language]);

  useEffect(() => {
    const editor = view.current;
    if (!editor || original !== undefined) return;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        findings.map((finding) => diagnosticAt(editor.state, finding)),
      ),
    );
  }, [findings, original]);

  return <div ref={box} />;
}

const NONE: readonly string[] = [];
const NO_FINDINGS: readonly Finding[] = [];

function editing(onChange: (text: string) => void): Extension[] {
  return [
    lineNumbers(),
    history(),
    keymap.of([...defaultKeymap, ...historyKeymap]),
    autocompletion(),
    closeBrackets(),
    lintGutter(),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) onChange(update.state.doc.toString());
    }),
  ];
}

function comparing(original: string): Extension[] {
  return [
    EditorState.readOnly.of(true),
    unifiedMergeView({ original, mergeControls: false, gutter: true, collapseUnchanged: { margin: 3 } }),
  ];
}

function grammarOf(language: EditorProps['language'], variables: readonly string[]): Extension {
  return liquid({
    ...(language === 'html' ? { base: html() } : {}),
    variables: variables.map((label): Completion => ({ label, type: 'variable' })),
  });
}

function diagnosticAt(state: EditorState, { line, column, message, severity }: Finding): Diagnostic {
  const { from, to } = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
  const start = Math.min(from + Math.max(column, 1) - 1, to);
  return { from: start, to: Math.max(start, to), message, severity };
}
