export const history = {
  title: 'History',
  count: '{{number}} searches',
  count_one: '{{number}} search',
  hint: 'What was searched for in this browser. Matches are shown as they were found then; nobody else sees this list.',
  empty: 'No searches yet',
  emptyHint:
    'Every search by a picture is kept here, with a small version of the picture and its best matches.',
  toSearch: 'Search by a picture',
  ownPicture: 'A picture of yours',
  entry: 'Search by {{name}}, {{when}}',
  again: 'Search again',
  againWith: 'Search again by {{name}}, as on {{when}}',
  matches: 'Best matches',
  match: 'More like {{name}}, similarity',
  noMatches: 'Nothing was found, or what was found is no longer in the gallery.',
  remove: 'Remove the search by {{name}} of {{when}}',
  removeShort: 'Remove from the history',
  removed: 'Search removed.',
  removeFailed: 'The search was not removed.',
  clear: 'Clear history …',
  clearTitle: 'Clear the history?',
  clearQuestion:
    '{{number}} searches and the small pictures kept for them will be deleted for good. The gallery stays as it is.',
  clearQuestion_one:
    '{{number}} search and the small picture kept for it will be deleted for good. The gallery stays as it is.',
  clearAll: 'Clear history',
} as const;
