import { useQuery } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import Button from 'react-bootstrap/Button';
import { useTranslation } from 'react-i18next';
import { whenServerReturns } from '../../../api/reachability';
import { JobCard, jobCardFragment, jobsQuery } from '../../../components/job-card';
import { readFragment } from '../../../gql';
import { isRunning } from '../../../lib/job-state';

interface ImportJobsProps {
  /** Ids of the jobs that this page started; a short one may have ended before it is first seen. */
  readonly started: readonly string[];
}

/**
 * What is being added in the background: jobs that this page began, jobs that run, also when the page is opened in
 * their midst, and those that ended since.
 */
export function ImportJobs({ started }: ImportJobsProps) {
  const { t } = useTranslation();
  const { data, refetch } = useQuery(jobsQuery, { fetchPolicy: 'cache-and-network' });
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  useEffect(() => whenServerReturns(() => void refetch().catch(() => {})), [refetch]);

  const jobs = data?.status?.jobs.edges.map(({ node }) => node) ?? [];
  const running = jobs.filter((job) => isRunning(readFragment(jobCardFragment, job).state));
  const unseen = running.filter(({ id }) => !seen.has(id));
  if (unseen.length > 0) setSeen(new Set([...seen, ...unseen.map(({ id }) => id)]));

  return jobs
    .filter(({ id }) => (seen.has(id) || started.includes(id)) && !closed.has(id))
    .map((job) => (
      <div key={job.id} className="dock-card dock-card-padded">
        <JobCard job={job} live>
          {!running.includes(job) && (
            <Button
              className="btn-close"
              variant=""
              aria-label={t('common.close')}
              onClick={() => setClosed(new Set([...closed, job.id]))}
            />
          )}
        </JobCard>
      </div>
    ));
}
