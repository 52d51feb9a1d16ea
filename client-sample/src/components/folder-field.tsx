import Form from 'react-bootstrap/Form';

interface FolderFieldProps {
  readonly id: string;
  readonly label: string;
  readonly help: string;
  readonly value: string;
  readonly onChange: (path: string) => void;
}

/** Asks for a folder of the server; the first field of its dialog. */
export function FolderField({ id, label, help, value, onChange }: FolderFieldProps) {
  return (
    <Form.Group controlId={id}>
      <Form.Label>{label}</Form.Label>
      <Form.Control
        autoFocus
        required
        className="font-monospace"
        placeholder="/home/me/pictures"
        spellCheck={false}
        autoCapitalize="none"
        value={value}
        onChange={({ target }) => onChange(target.value)}
        aria-describedby={`${id}-help`}
      />
      <Form.Text id={`${id}-help`}>{help}</Form.Text>
    </Form.Group>
  );
}
