import '../styles/tag-input.css';
import { useId, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { formatNumber } from '../lib/format';
import { tagAddress } from '../lib/tag-address';

export interface TagSuggestion {
  readonly tag: string;
  readonly count: number;
}

interface TagInputProps {
  readonly id: string;
  readonly value: readonly string[];
  readonly onChange: (tags: string[]) => void;
  readonly suggestions?: readonly TagSuggestion[];
  readonly placeholder?: string;
  /** Only tags that are in use: in a filter others find nothing. */
  readonly knownOnly?: boolean;
  readonly describedBy?: string;
  /** Tags lead to the gallery's pictures that have them. */
  readonly linked?: boolean;
}

const MAX_SHOWN = 8;
const MAX_TAG_LENGTH = 64;

/** As the server writes a tag. */
export const cleanTag = (tag: string): string =>
  tag.normalize('NFC').replace(/\s+/gu, ' ').trim().toLowerCase().slice(0, MAX_TAG_LENGTH);

/** Tags as chips in a field, with those in use offered while typing. A label for `id` belongs beside it. */
export function TagInput(props: TagInputProps) {
  const {
    id,
    value,
    onChange,
    suggestions = [],
    placeholder,
    knownOnly = false,
    describedBy,
    linked = false,
  } = props;
  const { t, i18n } = useTranslation();
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);

  const typed = cleanTag(text);
  const offered = suggestions
    .filter(({ tag }) => !value.includes(tag) && tag.includes(typed))
    .sort((a, b) => Number(b.tag.startsWith(typed)) - Number(a.tag.startsWith(typed)) || b.count - a.count)
    .slice(0, MAX_SHOWN);
  const shown = open && offered.length > 0;

  const add = (...tags: string[]): void => {
    const fresh = tags.map(cleanTag).filter((tag) => tag !== '');
    setText('');
    setOpen(false);
    setActive(-1);
    onChange([...new Set([...value, ...fresh])]);
  };
  const addTyped = (): void => {
    if (typed === '') return;
    if (!knownOnly || suggestions.some(({ tag }) => tag === typed)) add(typed);
    else if (offered[0] !== undefined) add(offered[0].tag);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return; // Enter chooses a word of an input method, not a tag
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && offered.length > 0) {
      setOpen(true);
      setActive((active + step + offered.length + (active < 0 && step < 0 ? 1 : 0)) % offered.length);
    } else if (event.key === 'Enter' && (typed !== '' || active >= 0)) {
      const chosen = shown ? offered[active] : undefined;
      if (chosen === undefined) addTyped();
      else add(chosen.tag);
    } else if (event.key === ',' || event.key === '，') addTyped();
    else if (event.key === 'Backspace' && text === '' && value.length > 0) onChange(value.slice(0, -1));
    else if (event.key === 'Escape' && shown) {
      setOpen(false);
      event.stopPropagation(); // closes the list, not the dialog around it
    } else return;
    if (event.key !== 'Backspace') event.preventDefault();
  };

  return (
    <div className="tag-input" onClick={() => input.current?.focus()}>
      <div className="form-control tag-input-field">
        {value.map((tag) => (
          <span key={tag} className="tag-chip">
            {linked ? <Link to={tagAddress(tag)}>{tag}</Link> : tag}
            <button
              type="button"
              className="tag-chip-remove"
              aria-label={t('common.removeTag', { tag })}
              onClick={() => onChange(value.filter((one) => one !== tag))}
            >
              <span aria-hidden="true">×</span>
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          type="text"
          role="combobox"
          aria-expanded={shown}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={shown && active >= 0 ? `${listId}-${active}` : undefined}
          aria-describedby={describedBy}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          enterKeyHint="done"
          placeholder={value.length === 0 ? placeholder : undefined}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
            setActive(-1);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => {
            setOpen(false);
            addTyped();
          }}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData('text');
            if (!/[,，\n]/.test(pasted) || knownOnly) return;
            event.preventDefault();
            add(...pasted.split(/[,，\n]/));
          }}
        />
      </div>
      <ul id={listId} role="listbox" aria-label={t('common.tags')} className="tag-input-list" hidden={!shown}>
        {offered.map(({ tag, count }, i) => (
          <li
            key={tag}
            id={`${listId}-${i}`}
            role="option"
            aria-selected={i === active}
            className={i === active ? 'active' : ''}
            // Before the field loses the focus, which would close the list.
            onPointerDown={(event) => {
              event.preventDefault();
              add(tag);
            }}
          >
            <span className="text-truncate">{tag}</span>
            <span className="text-body-secondary small tabular">{formatNumber(i18n.language, count)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
