import Form from 'react-bootstrap/Form';
import { useTranslation } from 'react-i18next';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

interface DayFilterProps extends FieldProps {
  readonly min?: string;
  readonly max?: string;
}

/** A day as yyyy-mm-dd; empty for any. */
export function DayFilter({ name, label, value, min = '', max = '', onChange }: DayFilterProps) {
  return (
    <Form.Group controlId={`filter-${name}`}>
      <Form.Label>{label}</Form.Label>
      <Form.Control
        type="date"
        value={value}
        min={min || undefined}
        max={max || undefined}
        onChange={({ target }) => onChange(target.value)}
      />
    </Form.Group>
  );
}

interface ChoiceFilterProps extends FieldProps {
  /** What no choice says; “any” when left out. */
  readonly any?: string;
  /** What a choice says that only the address knows; the choice itself when left out. */
  readonly other?: string;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
}

/** One choice of several, or any. What only the address knows can be seen, too. */
export function ChoiceFilter({ name, label, value, choices, any, other, onChange }: ChoiceFilterProps) {
  const { t } = useTranslation();
  const isKnown = value === '' || choices.some((choice) => choice.value === value);
  return (
    <Form.Group controlId={`filter-${name}`}>
      <Form.Label>{label}</Form.Label>
      <Form.Select value={value} onChange={({ target }) => onChange(target.value)}>
        <option value="">{any ?? t('gallery.filters.any')}</option>
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
        {!isKnown && <option value={value}>{other ?? value}</option>}
      </Form.Select>
    </Form.Group>
  );
}
