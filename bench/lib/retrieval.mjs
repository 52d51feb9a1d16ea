import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile, round } from './measure.mjs';

/** Every picture of a folder that has one subfolder per class. */
export async function readClasses(folder) {
  const photos = [];
  const folders = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  for (const label of folders.map(({ name }) => name).sort())
    for (const name of (await readdir(join(folder, label))).sort())
      photos.push({ label, bytes: await readFile(join(folder, label, name)) });
  return photos;
}

export const dot = (a, b) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** Leave one out: each picture is a query against all others, most similar first (ties by their order). */
export function retrieval(vectors, labels) {
  const sums = { first: 0, ten: 0, average: 0 };
  let asked = 0;
  labels.forEach((label, query) => {
    const relevant = labels.filter((other) => other === label).length - 1;
    if (relevant === 0) return; // nothing could be found
    asked++;
    const ranked = labels
      .map((other, i) => ({ i, hit: other === label, similarity: dot(vectors[query], vectors[i]) }))
      .filter(({ i }) => i !== query)
      .sort((a, b) => b.similarity - a.similarity || a.i - b.i);
    let [hits, precisions] = [0, 0];
    ranked.forEach(({ hit }, rank) => {
      if (hit) precisions += ++hits / (rank + 1);
    });
    sums.first += Number(ranked[0].hit);
    sums.ten += ranked.slice(0, 10).filter(({ hit }) => hit).length / 10;
    sums.average += precisions / relevant;
  });
  return {
    'P@1': round(sums.first / asked, 3),
    'P@10': round(sums.ten / asked, 3),
    mAP: round(sums.average / asked, 3),
  };
}

/** Cosines of pairs of the same class and of different ones. */
export function spread(vectors, labels) {
  const [same, other] = [[], []];
  vectors.forEach((a, i) => {
    for (let j = i + 1; j < vectors.length; j++)
      (labels[i] === labels[j] ? same : other).push(dot(a, vectors[j]));
  });
  return {
    'other classes, median': round(percentile(other, 50), 3),
    'other classes, 95 %': round(percentile(other, 95), 3),
    'same class, median': round(percentile(same, 50), 3),
  };
}
