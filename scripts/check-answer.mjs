/**
 * Judges the answer to a search by upload (file ANSWER) for a sample picture (PICTURE, as manifest.json names it):
 * the picture itself comes first, and most of the others are of its group. Exit code 1 when not.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromRoot } from './lib/paths.mjs';

const answer = JSON.parse(readFileSync(process.env.ANSWER, 'utf8'));
const manifest = JSON.parse(readFileSync(fromRoot('sample-gallery', 'manifest.json'), 'utf8'));
const { title, tags } = manifest.find(({ file }) => file === process.env.PICTURE);

assert.equal(answer.errors, undefined, `the search failed: ${JSON.stringify(answer.errors)}`);
const { matches } = answer.data.searchByImage;
assert.equal(matches.length, 5);
assert.equal(matches[0].image.title, title, 'the picture itself comes first');
assert.ok(matches[0].similarity > 0.99, `similarity to itself is ${matches[0].similarity}`);
matches.forEach(({ rank, similarity }, i) => {
  assert.equal(rank, i + 1);
  assert.ok(similarity >= 0 && similarity <= 1 && (i === 0 || similarity <= matches[i - 1].similarity));
});
const alike = matches.filter(({ image }) => image.tags.includes(tags[0])).length;
assert.ok(alike >= 3, `only ${alike} of 5 matches are of the group ${tags[0]}`);
console.log(`searched by ${process.env.PICTURE}: first "${title}", ${alike} of 5 of its group`);
