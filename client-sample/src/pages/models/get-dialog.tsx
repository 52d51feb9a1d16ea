import { useState } from 'react';
import Button from 'react-bootstrap/Button';
import Form from 'react-bootstrap/Form';
import Modal from 'react-bootstrap/Modal';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatNumber } from '../../lib/format';
import { roughSpan } from './use-cost';
import type { Model, Offer } from './use-models';

export interface Wish {
  readonly precision: Offer['precision'];
  readonly calibrate: boolean;
  readonly use: boolean;
}

interface GetDialogProps {
  readonly model: Model;
  readonly serving: string;
  readonly gallerySize: number;
  readonly first: Offer['precision'] | null;
  /** The only model that may serve here; null: each may. */
  readonly pinned: string | null;
  readonly onGet: (wish: Wish) => void;
  readonly onHide: () => void;
}

/** Which form of a model to get, what is downloaded, and what comes after it. */
export function GetDialog({ model, serving, gallerySize, first, pinned, onGet, onHide }: GetDialogProps) {
  const { t, i18n } = useTranslation();
  const { name, offers } = model;
  const open = offers.filter(({ state }) => state !== 'INSTALLED');
  const [precision, setPrecision] = useState(first ?? open[0]?.precision ?? 'fp32');
  const [wanted, setWanted] = useState(true);
  const [calibrate, setCalibrate] = useState(false);
  const offer = offers.find((one) => one.precision === precision);
  const mayUse = pinned === null || pinned === offer?.modelId;
  const use = wanted && mayUse;
  const seconds = offer?.estimatedSecondsToSwitch;
  const bytes = (value: number): string => formatBytes(i18n.language, value);
  const mayCalibrate = precision === 'int8' && gallerySize > 0;
  const calibrated = mayCalibrate && calibrate;
  // Calibration takes the weights besides, as the schema says.
  const size = (calibrated ? offers.find((one) => one.precision === 'fp32') : offer) ?? offer;
  const rest = size === undefined ? 0 : Math.max(0, size.downloadBytes - size.downloadedBytes);

  return (
    <Modal show onHide={onHide} centered aria-labelledby="get-title">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onGet({ precision, calibrate: calibrated, use });
        }}
      >
        <Modal.Header closeButton closeLabel={t('common.close')}>
          <Modal.Title as="h2" className="h5" id="get-title">
            {t('models.dialog.title', { name })}
          </Modal.Title>
        </Modal.Header>
        <Modal.Body className="d-grid gap-3">
          <fieldset>
            <legend className="h6">{t('models.dialog.precision')}</legend>
            {offers.map((one) => (
              <Form.Check
                key={one.precision}
                type="radio"
                name="precision"
                id={`precision-${one.precision}`}
                className="mb-2"
                checked={one.precision === precision}
                disabled={one.state === 'INSTALLED'}
                onChange={() => setPrecision(one.precision)}
                label={
                  <>
                    {t(`models.dialog.${one.precision}`)}
                    <span className="model-choice tabular">
                      {one.state === 'INSTALLED'
                        ? t('models.dialog.isHere')
                        : one.downloadedBytes > 0
                          ? t('models.dialog.rest', {
                              rest: bytes(Math.max(0, one.downloadBytes - one.downloadedBytes)),
                              disk: bytes(one.installedBytes),
                            })
                          : t('models.dialog.sizes', {
                              download: bytes(one.downloadBytes),
                              disk: bytes(one.installedBytes),
                            })}
                    </span>
                  </>
                }
              />
            ))}
            {mayCalibrate && (
              <Form.Check
                id="calibrate"
                className="ms-4"
                label={t('models.dialog.calibrate')}
                checked={calibrate}
                onChange={({ target }) => setCalibrate(target.checked)}
              />
            )}
          </fieldset>
          <Form.Switch
            id="use-then"
            label={t('models.dialog.use')}
            checked={use}
            disabled={!mayUse}
            onChange={({ target }) => setWanted(target.checked)}
          />
          <p className="mb-0 model-costs" role="status">
            {use
              ? gallerySize === 0
                ? t('models.dialog.costsEmpty')
                : t(seconds == null ? 'models.dialog.costs' : 'models.dialog.costsAbout', {
                    number: formatNumber(i18n.language, gallerySize),
                    serving,
                    span: roughSpan(i18n.language, seconds ?? 0),
                  })
              : t('models.dialog.costsNothing')}
          </p>
          <p className="small text-body-secondary mb-0">{t('models.dialog.from')}</p>
        </Modal.Body>
        <Modal.Footer>
          <Button variant="outline-secondary" onClick={onHide}>
            {t('common.cancel')}
          </Button>
          <Button type="submit" autoFocus>
            {t('models.dialog.get', { size: bytes(rest) })}
          </Button>
        </Modal.Footer>
      </Form>
    </Modal>
  );
}
