import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import '../styles/keyboard-dialog.css';

/** What a key does, by the name of its sentence. Keys in one entry are pressed together; each entry does it. */
const GROUPS = {
  everywhere: { help: [['?']], close: [['Esc']] },
  search: { paste: [['Ctrl', 'V']] },
  gallery: {
    move: [['←'], ['→'], ['↑'], ['↓']],
    row: [['Home'], ['End']],
    ends: [
      ['Ctrl', 'Home'],
      ['Ctrl', 'End'],
    ],
    screen: [['Page Up'], ['Page Down']],
    open: [['Enter']],
    select: [['Space']],
    extend: [['Shift', '→']],
    all: [['Ctrl', 'A']],
    remove: [['Delete']],
    order: [['Alt', '→']],
  },
  picture: {
    turn: [['←'], ['→']],
    firstLast: [['Home'], ['End']],
    details: [['I']],
    favorite: [['F']],
    rate: [['1'], ['2'], ['3'], ['4'], ['5']],
    unrate: [['0']],
  },
  atlas: {
    pan: [['←'], ['→'], ['↑'], ['↓']],
    zoom: [['+'], ['−']],
    whole: [['0']],
    next: [['N'], ['P']],
    opened: [['Enter']],
  },
} as const satisfies Record<string, Record<string, readonly (readonly string[])[]>>;

type Group = keyof typeof GROUPS;
const groups = Object.keys(GROUPS) as Group[];

interface KeyboardDialogProps {
  readonly onHide: () => void;
}

/** Every key that the page knows, and what it does. */
export function KeyboardDialog({ onHide }: KeyboardDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal show onHide={onHide} size="lg" scrollable aria-labelledby="keys-title">
      <Modal.Header closeButton closeLabel={t('common.close')}>
        <Modal.Title as="h2" className="h5" id="keys-title">
          {t('common.keys')}
        </Modal.Title>
      </Modal.Header>
      <Modal.Body className="keys" tabIndex={0}>
        {groups.map((group) => (
          <section key={group} aria-labelledby={`keys-${group}`}>
            <h3 className="h6" id={`keys-${group}`}>
              {t(`keys.groups.${group}`)}
            </h3>
            <dl>
              {Object.entries<readonly (readonly string[])[]>(GROUPS[group]).map(([action, ways]) => (
                <div key={action}>
                  <dt>
                    {ways.map((way) => (
                      <span key={way.join('+')} className="keys-way">
                        {way.map((key) => (
                          <kbd key={key}>{key}</kbd>
                        ))}
                      </span>
                    ))}
                  </dt>
                  <dd>{t(`keys.actions.${action as Action}`)}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </Modal.Body>
    </Modal>
  );
}

type Action = { [G in Group]: keyof (typeof GROUPS)[G] }[Group];
