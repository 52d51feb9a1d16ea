import { useMutation } from '@apollo/client/react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { graphql } from '../gql';
import { useToast } from './toasts';

const cancelJobMutation = graphql(`
  mutation CancelJob($id: ID!) {
    cancelJob(id: $id) {
      job {
        id
        state
      }
    }
  }
`);

/** Ends a job; it goes on to show as running until what it has under way is done. */
export function CancelJob({ id }: { readonly id: string }) {
  const { t } = useTranslation();
  const toast = useToast();
  const [cancel, { loading, called, error }] = useMutation(cancelJobMutation, { variables: { id } });
  return (
    <Button
      size="sm"
      variant="outline-secondary"
      disabled={loading || (called && error === undefined)}
      onClick={() => {
        cancel().catch(() => toast({ message: t('common.job.cancelFailed'), variant: 'danger' }));
      }}
    >
      {t('common.cancel')}
    </Button>
  );
}
