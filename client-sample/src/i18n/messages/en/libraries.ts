export const libraries = {
  title: 'Libraries',
  intro:
    'A library is a folder on the server whose pictures are in the gallery and stay where they are. Nothing is copied and no file is changed. New, changed and moved files are picked up.',
  back: 'Status',
  forAdministrators:
    'Only administrators can see the libraries, since these show where pictures are on the server.',
  enter: 'Continue as administrator …',
  empty: 'No libraries yet',
  emptyHint: 'Add a folder of pictures: searches find them, and they stay in their folder.',
  state: {
    READY: 'up to date',
    SCANNING: 'being scanned',
    UNAVAILABLE: 'not available',
    REMOVING: 'being removed',
  },
  problem: {
    FOLDER_MISSING:
      'The folder is not there. Is its disk connected? Its pictures stay in the gallery as they are.',
    UNREADABLE:
      'The server cannot read the folder or its file .likeness-library. Its pictures stay in the gallery as they are.',
    EMPTY: 'The folder is empty. Is its disk connected? Its pictures stay in the gallery as they are.',
    MARKER_MISSING:
      'The file .likeness-library is no longer in the folder. If another disk is mounted here, mount the right one. If it is the right folder, use it as it is.',
    MARKER_FOREIGN:
      'The file .likeness-library in the folder belongs to another library. If another disk is mounted here, mount the right one. If it is the right folder, use it as it is.',
  },
  fact: {
    present: 'Picture files',
    missing: 'Missing',
    failed: 'Not taken',
    scanned: 'Last whole scan',
    never: 'not yet',
    changes: 'Changes',
    watched: 'noticed at once',
    byScan: 'found by the next scan',
    tags: 'Tags for new pictures',
    exclude: 'Left out',
  },
  failures: '{{number}} files could not be taken',
  failures_one: '{{number}} file could not be taken',
  moreFailures: 'And {{number}} more.',
  show: 'Show in the gallery',
  showOf: 'Show in the gallery: {{name}}',
  scan: 'Scan now',
  scanOf: 'Scan now: {{name}}',
  remove: 'Remove …',
  removeOf: 'Remove {{name}} …',
  cancelOf: 'Cancel the scan of {{name}}',
  stopping: 'Stopping …',
  add: {
    open: 'Add a library …',
    title: 'Add a library',
    path: 'Folder',
    pathHelp:
      'The full path on the machine where Likeness runs. Its pictures, and those in the folders below, stay where they are.',
    name: 'Name',
    nameHelp: 'If left empty, the name of the folder is used.',
    tags: 'Tags for new pictures',
    tagsHint: 'Type a tag, then Enter',
    exclude: 'Leave out',
    excludeHelp: '.gitignore patterns, one per line.',
    start: 'Add',
  },
  adopt: {
    open: 'Use the folder as it is …',
    openOf: 'Use the folder as it is …: {{name}}',
    title: 'Use the folder of {{name}} as it is?',
    text: 'Make sure that this is the right folder. Pictures of the library whose files it does not have are marked as missing. A new .likeness-library file is written to it.',
    adopt: 'Use it',
  },
  removal: {
    title: 'Remove {{name}} from the gallery?',
    text: 'The pictures that only this library has leave the gallery with their tags: at most {{number}}.',
    files: 'The folder and its files stay as they are.',
    remove: 'Remove',
  },
  told: {
    scanned: '{{name}} has been scanned.',
    removed: '{{name}} was removed from the gallery; its files stay.',
  },
} as const;
