import { useApolloClient } from '@apollo/client/react';
import { useRef, useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import { Trans, useTranslation } from 'react-i18next';
import { AS_ADMINISTRATOR } from '../../api/administrator';
import type { Failure } from '../../api/errors';
import { ErrorNotice } from '../../components/error-notice';
import { ModelFailure } from '../../components/model-failure';
import { ModelProgress } from '../../components/model-progress';
import type { JobCardFragment, ModelPrecision } from '../../gql/graphql';
import { formatBytes, formatPercent } from '../../lib/format';
import { isRunning } from '../../lib/job-state';
import { uploadModelMutation } from './documents';
import { ActionFailure } from './model-card';
import { WithCancel } from './with-cancel';

const ACCEPT = '.safetensors,.npz,.onnx,.json,.onnx_data,.data';
const MAIN = /\.(safetensors|npz|onnx|safetensors\.index\.json)$/i;
const HUB = 'https://huggingface.co/facebook/dinov2-small/tree/main';
const PRECISIONS: readonly ModelPrecision[] = ['fp32', 'fp16', 'int8'];

interface BringFileProps {
  readonly maxBytes: number | undefined;
  /** Of the newest upload, no matter who sent it. */
  readonly job: JobCardFragment | null;
  /** Jobs that were asked to end. */
  readonly stopping: readonly string[];
  /** Of ending the upload. */
  readonly failure: Failure | null;
  readonly attempt: (action: () => Promise<unknown>, onFailure: (failure: Failure) => void) => Promise<void>;
  readonly onCancelJob: (id: string) => void;
  readonly onSent: () => Promise<void>;
}

type Trouble = { readonly failure: Failure } | { readonly message: string } | null;

/** A model by file, for a server without a way to the hub. */
export function BringFile(props: BringFileProps) {
  const { maxBytes, job, stopping, failure, attempt, onCancelJob, onSent } = props;
  const { t, i18n } = useTranslation();
  const client = useApolloClient();
  const input = useRef<HTMLInputElement>(null);
  const abort = useRef<AbortController | null>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const [name, setName] = useState('');
  const [precision, setPrecision] = useState<ModelPrecision>('fp32');
  const [use, setUse] = useState(true);
  const [sent, setSent] = useState<number | null>(null);
  const [trouble, setTrouble] = useState<Trouble>(null);

  const bytes = (value: number): string => formatBytes(i18n.language, value);
  const isExport = files.some((file) => /\.onnx$/i.test(file.name));
  const nameNeeded = files.some((file) => /^model.*\.onnx$/i.test(file.name));
  const size = files.reduce((sum, file) => sum + file.size, 0);

  const choose = (chosen: readonly File[]): void => {
    const largest = Math.max(0, ...chosen.map((file) => file.size));
    setTrouble(null);
    setFiles([]);
    if (!chosen.some((file) => MAIN.test(file.name))) setTrouble({ message: t('models.file.wrong') });
    else if (maxBytes !== undefined && largest > maxBytes)
      setTrouble({ message: t('models.file.tooLarge', { actual: bytes(largest), limit: bytes(maxBytes) }) });
    else setFiles(chosen);
  };

  const send = async (): Promise<void> => {
    const control = new AbortController();
    abort.current = control;
    setTrouble(null);
    setSent(0);
    await attempt(
      async () => {
        setSent(0);
        await client.mutate({
          mutation: uploadModelMutation,
          variables: {
            files: [...files],
            id: name.trim() || null,
            precision: isExport ? null : precision,
            use,
          },
          context: {
            ...AS_ADMINISTRATOR,
            fetchOptions: { signal: control.signal, onUploadProgress: setSent },
          },
        });
        setFiles([]);
        setName('');
        await onSent();
      },
      (failure) => setTrouble(control.signal.aborted ? { message: t('models.file.stopped') } : { failure }),
    );
    setSent(null);
  };

  const running = job !== null && isRunning(job.state);
  return (
    <section className="model-file" id="file" aria-labelledby="file-title">
      <h2 className="h5" id="file-title" tabIndex={-1}>
        {t('models.file.title')}
      </h2>
      <p className="model-measure">{t('models.file.hint')}</p>
      <p className="model-measure">
        <Trans
          i18nKey="models.file.where"
          components={{
            file: <code />,
            hub: <a href={HUB} target="_blank" rel="noreferrer" />,
          }}
        />
      </p>
      <Form
        className="model-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (sent === null && files.length > 0) void send();
        }}
      >
        <div>
          <Button variant="outline-primary" disabled={sent !== null} onClick={() => input.current?.click()}>
            {t('models.file.choose')}
          </Button>
          <input
            ref={input}
            type="file"
            hidden
            multiple
            accept={ACCEPT}
            onChange={({ target }) => {
              const chosen = [...(target.files ?? [])];
              target.value = ''; // the same file may be chosen again
              if (chosen.length > 0) choose(chosen);
            }}
          />
        </div>
        {files.length > 0 && (
          <>
            <ul className="model-chosen" aria-label={t('models.file.chosen')}>
              {files.map((file) => (
                <li key={file.name}>
                  <code>{file.name}</code> <span className="tabular">{bytes(file.size)}</span>
                </li>
              ))}
            </ul>
            <Form.Group controlId="model-name">
              <Form.Label>{t('models.file.name')}</Form.Label>
              <Form.Control
                value={name}
                required={nameNeeded}
                pattern="[a-z0-9][a-z0-9._\-]*"
                autoCapitalize="none"
                spellCheck={false}
                onChange={({ target }) => setName(target.value)}
                aria-describedby="model-name-hint"
              />
              <Form.Text id="model-name-hint">
                {t(nameNeeded ? 'models.file.nameNeeded' : 'models.file.nameHint')}
              </Form.Text>
            </Form.Group>
            {!isExport && (
              <Form.Group controlId="model-precision">
                <Form.Label>{t('models.dialog.precision')}</Form.Label>
                <Form.Select
                  value={precision}
                  onChange={({ target }) =>
                    setPrecision(PRECISIONS.find((one) => one === target.value) ?? 'fp32')
                  }
                >
                  {PRECISIONS.map((one) => (
                    <option key={one} value={one}>
                      {t(`models.dialog.${one}`)}
                    </option>
                  ))}
                </Form.Select>
              </Form.Group>
            )}
            <Form.Switch
              id="file-use"
              label={t('models.file.use')}
              checked={use}
              onChange={({ target }) => setUse(target.checked)}
            />
            <div className="model-work">
              {sent === null ? (
                <Button type="submit">{t('models.file.send', { size: bytes(size) })}</Button>
              ) : (
                <>
                  <div className="flex-grow-1">
                    <progress
                      className="job-progress"
                      aria-label={t('models.file.title')}
                      max={1}
                      value={sent}
                    />
                    <div className="job-line tabular">
                      {t('models.file.sending', { percent: formatPercent(i18n.language, sent, 0) })}
                    </div>
                  </div>
                  <Button size="sm" variant="outline-secondary" onClick={() => abort.current?.abort()}>
                    {t('common.cancel')}
                  </Button>
                </>
              )}
            </div>
          </>
        )}
        {trouble !== null && 'message' in trouble && (
          <div className="alert alert-warning mb-0" role="alert">
            {trouble.message}
          </div>
        )}
        {trouble !== null && 'failure' in trouble && <ActionFailure failure={trouble.failure} />}
        {failure !== null && <ErrorNotice failure={failure} />}
        {running && (
          <WithCancel
            name={t('common.job.kind.MODEL_UPLOAD')}
            busy={false}
            stopping={stopping.includes(job.id)}
            onCancel={() => onCancelJob(job.id)}
          >
            <ModelProgress job={job} label={t('common.job.kind.MODEL_UPLOAD')} />
          </WithCancel>
        )}
        {job?.state === 'FAILED' && sent === null && files.length === 0 && trouble === null && (
          <ModelFailure job={job} />
        )}
      </Form>
    </section>
  );
}
