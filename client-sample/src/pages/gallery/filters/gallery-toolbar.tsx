import { useEffect, useEffectEvent, useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../../lib/format';
import { later } from '../../../navigation/lazy-part';
import { countConditions, ORDERS, ordersOf, type GalleryView } from './gallery-address';

const TYPING_MS = 300;

const FilterPanel = later(async () => (await import('./filter-panel')).FilterPanel);

interface GalleryToolbarProps {
  readonly view: GalleryView;
  readonly onChange: (change: Partial<GalleryView>) => void;
}

/** What is looked for, by what, and in which order. */
export function GalleryToolbar({ view, onChange }: GalleryToolbarProps) {
  const { t, i18n } = useTranslation();
  const conditions = countConditions(view);
  const [open, setOpen] = useState(conditions > 0);
  return (
    <search className="mb-3">
      <div className="gallery-toolbar">
        <TextFilter text={view.text} onChange={(text) => onChange({ text })} />
        <Button
          variant={conditions > 0 ? 'primary' : 'outline-secondary'}
          aria-expanded={open}
          aria-controls="gallery-filters"
          onClick={() => setOpen(!open)}
        >
          {conditions > 0
            ? t('gallery.filters.labelWith', {
                count: conditions,
                number: formatNumber(i18n.language, conditions),
              })
            : t('gallery.filters.label')}
        </Button>
        <select
          aria-label={t('gallery.order.label')}
          className="form-select w-auto"
          value={view.order}
          onChange={(event) =>
            onChange({ order: ORDERS.find((one) => one === event.target.value) ?? view.order })
          }
        >
          {ordersOf(view).map((order) => (
            <option key={order} value={order}>
              {t(`gallery.order.${order}`)}
            </option>
          ))}
        </select>
      </div>
      {open && (
        <div id="gallery-filters">
          <FilterPanel view={view} onChange={onChange} />
        </div>
      )}
    </search>
  );
}

/** Typed letters go into the address together, after a moment. */
function TextFilter({
  text,
  onChange,
}: {
  readonly text: string;
  readonly onChange: (text: string) => void;
}) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(text);
  const [sent, setSent] = useState(text);
  // Changed from elsewhere: back, or “remove all filters”.
  if (text !== sent) {
    setSent(text);
    setTyped(text);
  }
  const send = useEffectEvent((value: string) => {
    setSent(value);
    onChange(value);
  });
  useEffect(() => {
    if (typed === sent) return;
    const timer = setTimeout(() => send(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, sent]);
  return (
    <input
      type="search"
      className="form-control gallery-text"
      aria-label={t('gallery.filters.text')}
      placeholder={t('gallery.filters.text')}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
