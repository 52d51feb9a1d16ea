import { useApolloClient } from '@apollo/client/react';
import { useEffect, useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Container from 'react-bootstrap/Container';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { AdministratorLine } from '../../administrator/administrator-line';
import { useAdministered } from '../../administrator/use-administered';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import { isAboutCaller, type Failure } from '../../api/errors';
import { useServerReachable } from '../../api/reachability';
import { EmptyState } from '../../components/empty-state';
import { ErrorNotice } from '../../components/error-notice';
import { useToast } from '../../components/toasts';
import { formatNumber } from '../../lib/format';
import { usePageTitle } from '../../lib/page-title';
import '../../styles/job-card.css';
import '../../styles/status.css';
import '../../styles/libraries.css';
import { AddDialog, type NewLibrary } from './add-dialog';
import { AskDialog } from '../../components/ask-dialog';
import {
  addLibraryMutation,
  cancelScanMutation,
  removeLibraryMutation,
  scanLibraryMutation,
} from './documents';
import { LibraryCard } from './library-card';
import { newsOf, NOTHING_BEGUN, type Begun } from './library-news';
import { useLibraries, type Library } from './use-libraries';

type Asked = 'add' | { readonly to: 'adopt' | 'remove'; readonly library: Library };

/** A failed action, and on which library; `add` for a new one. */
interface Failed {
  readonly id: string;
  readonly failure: Failure;
}

const context = AS_ADMINISTRATOR;

type Begin = (before: Begun) => Begun;

const scanBegun =
  ({ id, scannedAt }: Pick<Library, 'id' | 'scannedAt'>): Begin =>
  (before) => ({ ...before, scans: new Map(before.scans).set(id, scannedAt) });

export function LibrariesPage() {
  const { t, i18n } = useTranslation();
  usePageTitle(t('libraries.title'));
  const client = useApolloClient();
  const toast = useToast();
  const reachable = useServerReachable();
  const { libraries, failure, refetch } = useLibraries();
  const { attempt, dialog, isAsking } = useAdministered();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [busy, setBusy] = useState(false);
  /** Jobs that were cancelled. */
  const [stopping, setStopping] = useState<readonly string[]>([]);
  const begun = useRef(NOTHING_BEGUN);
  /** How often work was begun: the list may be known already that says how it ended. */
  const [round, setRound] = useState(0);

  useEffect(() => {
    if (libraries === null) return;
    const { scanned, removed, left } = newsOf(begun.current, libraries);
    begun.current = left;
    for (const name of scanned) toast({ message: t('libraries.told.scanned', { name }) });
    for (const name of removed) toast({ message: t('libraries.told.removed', { name }) });
  }, [libraries, round, t, toast]);

  /** @param action may return what it has begun, which is judged by a list that is asked for afterwards */
  const act = (id: string, action: () => Promise<Begin | void>): void => {
    setFailed(null);
    const done = attempt(
      async () => {
        setBusy(true);
        let begin: Begin | void;
        try {
          begin = await action();
        } finally {
          setBusy(false);
        }
        await refetch().catch(() => {}); // the action succeeded; the query shows this failure itself
        if (begin === undefined) return;
        begun.current = begin(begun.current);
        setRound((before) => before + 1);
      },
      (why) => setFailed({ id, failure: why }),
    );
    done.catch(() => {}); // it never rejects
  };
  const add = ({ path, name, tags, exclude }: NewLibrary): void =>
    act('add', async () => {
      const variables = { path, name, tags: [...tags], exclude: [...exclude] };
      const { data } = await client.mutate({ mutation: addLibraryMutation, variables, context });
      setAsked(null);
      const added = data?.addLibrary?.library;
      return added && scanBegun({ id: added.id, scannedAt: null });
    });
  const scan = (library: Library, adopt: boolean): void =>
    act(library.id, async () => {
      setAsked(null);
      const variables = { id: library.id, adopt };
      await client.mutate({ mutation: scanLibraryMutation, variables, context });
      return scanBegun(library);
    });
  const remove = ({ id, name }: Library): void =>
    act(id, async () => {
      setAsked(null);
      await client.mutate({ mutation: removeLibraryMutation, variables: { id }, context });
      return (before) => ({ ...before, removals: new Map(before.removals).set(id, name) });
    });
  const cancelScan = (libraryId: string, id: string): void =>
    act(libraryId, async () => {
      await client.mutate({ mutation: cancelScanMutation, variables: { id }, context });
      setStopping((before) => [...before, id]);
    });

  const refused = failure !== null && isAboutCaller(failure);
  return (
    <Container fluid="xxl" className="page-width py-4">
      <p className="mb-1">
        <Link to="/status">‹ {t('libraries.back')}</Link>
      </p>
      <div className="library-title">
        <h1 className="h3 mb-0">{t('libraries.title')}</h1>
        {libraries !== null && libraries.length > 0 && (
          <Button onClick={() => setAsked('add')}>{t('libraries.add.open')}</Button>
        )}
      </div>
      <p className="library-measure text-body-secondary">{t('libraries.intro')}</p>
      {refused && (
        <div className="alert alert-secondary library-measure">
          <p>{t('libraries.forAdministrators')}</p>
          <Button onClick={() => act('', refetch)}>{t('libraries.enter')}</Button>
        </div>
      )}
      {failure !== null && !refused && reachable && (
        <ErrorNotice failure={failure} onRetry={() => act('', refetch)} />
      )}
      {libraries === null && failure === null && <Skeleton />}
      {libraries?.length === 0 && (
        <EmptyState title={t('libraries.empty')}>
          <p>{t('libraries.emptyHint')}</p>
          <Button onClick={() => setAsked('add')}>{t('libraries.add.open')}</Button>
        </EmptyState>
      )}
      <div className="library-grid">
        {libraries?.map((library) => (
          <LibraryCard
            key={library.id}
            library={library}
            failure={failed?.id === library.id ? failed.failure : null}
            busy={busy}
            stopping={library.scan !== null && stopping.includes(library.scan.id)}
            onScan={() => scan(library, false)}
            onCancelScan={(jobId) => cancelScan(library.id, jobId)}
            onAdopt={() => setAsked({ to: 'adopt', library })}
            onRemove={() => setAsked({ to: 'remove', library })}
          />
        ))}
      </div>
      <AdministratorLine />
      {asked === 'add' && (
        <AddDialog
          hidden={isAsking}
          busy={busy}
          failure={failed?.id === 'add' ? failed.failure : null}
          onAdd={add}
          onHide={() => {
            setAsked(null);
            setFailed(null);
          }}
        />
      )}
      {asked !== null && asked !== 'add' && asked.to === 'adopt' && (
        <AskDialog
          title={t('libraries.adopt.title', { name: asked.library.name })}
          action={t('libraries.adopt.adopt')}
          variant="primary"
          onAction={() => scan(asked.library, true)}
          onHide={() => setAsked(null)}
        >
          <p className="font-monospace text-break">{asked.library.path}</p>
          <p className="mb-0">{t('libraries.adopt.text')}</p>
        </AskDialog>
      )}
      {asked !== null && asked !== 'add' && asked.to === 'remove' && (
        <AskDialog
          title={t('libraries.removal.title', { name: asked.library.name })}
          action={t('libraries.removal.remove')}
          variant="danger"
          onAction={() => remove(asked.library)}
          onHide={() => setAsked(null)}
        >
          <p>
            {t('libraries.removal.text', {
              count: asked.library.presentCount + asked.library.missingCount,
              number: formatNumber(i18n.language, asked.library.presentCount + asked.library.missingCount),
            })}
          </p>
          <p className="mb-0">{t('libraries.removal.files')}</p>
        </AskDialog>
      )}
      {dialog}
    </Container>
  );
}

function Skeleton() {
  return (
    <div className="library-grid placeholder-glow" aria-hidden="true">
      <div className="status-card library-card">
        <span className="placeholder col-6 mb-2" />
        {Array.from({ length: 5 }, (_, line) => (
          <span key={line} className="placeholder placeholder-sm col-12 mb-2" />
        ))}
      </div>
    </div>
  );
}
