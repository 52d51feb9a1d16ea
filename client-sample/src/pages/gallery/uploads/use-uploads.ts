import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { useSyncExternalStore } from 'react';
import { isServerReachable, whenServerReturns } from '../../../api/reachability';
import { addToGalleryMutation } from '../documents';
import { UploadQueue, type QueueSnapshot } from './upload-queue';

/** One for the whole application, created when it is first needed. */
let queue: UploadQueue | null = null;

function queueOf(client: ApolloClient): UploadQueue {
  if (queue !== null) return queue;
  const made = new UploadQueue({
    isReachable: isServerReachable,
    whenBack: whenServerReturns,
    send: async ({ file, tags }, { signal, onProgress }) => {
      const { data } = await client.mutate({
        mutation: addToGalleryMutation,
        variables: { image: file, tags: [...tags] },
        context: { fetchOptions: { signal, onUploadProgress: onProgress } },
      });
      if (data?.addToGallery == null) throw new TypeError('The answer has no data.');
      return { created: data.addToGallery.created };
    },
  });
  made.subscribe(() => warnBeforeLeaving(made.getSnapshot().active));
  return (queue = made);
}

const warn = (event: BeforeUnloadEvent): void => event.preventDefault();

/** Only while something is in progress: browsers do not keep a page with this listener for a fast Back. */
function warnBeforeLeaving(active: boolean): void {
  if (active) addEventListener('beforeunload', warn);
  else removeEventListener('beforeunload', warn);
}

export function useUploads(): { readonly queue: UploadQueue; readonly snapshot: QueueSnapshot } {
  const uploads = queueOf(useApolloClient());
  return { queue: uploads, snapshot: useSyncExternalStore(uploads.subscribe, uploads.getSnapshot) };
}
