import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

interface MenuProps {
  readonly id: string;
  /** What the button says. */
  readonly title: ReactNode;
  readonly toggleClass: string;
  readonly className?: string;
  /** Beside the button that opens it. */
  readonly before?: ReactNode;
  /** Buttons of the class `dropdown-item`. */
  readonly children: ReactNode;
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 };

/**
 * A button that opens a list of buttons below it, in Bootstrap's looks. Its own component would bring what places
 * overlays anywhere in a window, 20 KB, into the first load of every page. The frame is also drawn at build time.
 */
export function Menu({ id, title, toggleClass, className = '', before, children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const toggle = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!open) return;
    const close = ({ target }: Event): void => {
      if (!root.current?.contains(target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
    };
  }, [open]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (event.key === 'Escape' && open) {
      setOpen(false);
      toggle.current?.focus();
    } else if (step !== undefined && open) {
      const items = [...(root.current?.querySelectorAll<HTMLElement>('.dropdown-item') ?? [])];
      const at = items.findIndex((item) => item === document.activeElement);
      items.at(at === -1 && step === -1 ? -1 : (at + step) % items.length)?.focus();
    } else if (event.key === 'ArrowDown') setOpen(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={root} className={`dropdown ${className}`} onKeyDown={onKeyDown}>
      {before}
      <button
        ref={toggle}
        type="button"
        id={id}
        className={`dropdown-toggle ${toggleClass}`}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {title}
      </button>
      {open && (
        <div
          className="dropdown-menu dropdown-menu-end show"
          data-bs-popper="static"
          aria-labelledby={id}
          onClick={() => {
            setOpen(false);
            toggle.current?.focus();
          }}
        >
          {children}
        </div>
      )}
    </div>
  );
}

interface MenuItemProps {
  readonly active?: boolean;
  readonly lang?: string;
  readonly onClick: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ active, lang, onClick, children }: MenuItemProps) {
  return (
    <button
      type="button"
      className={`dropdown-item ${active === true ? 'active' : ''}`}
      aria-current={active === true ? true : undefined}
      lang={lang}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
