export const models = {
  progress: {
    pull: 'Download of {{name}}',
    switch: 'Change to {{name}}',
    waiting: 'Waits its turn',
    starting: 'Beginning …',
    DOWNLOADING: 'Downloading',
    CHECKING: 'Checking',
    CALIBRATING: 'Looking at pictures',
    CONVERTING: 'Converting',
    DONE: 'In place',
    bytes: '{{done}} of {{total}}',
    speed: '{{size}} a second',
    filling: 'Pictures get their vectors: {{done}} of {{total}}',
    failedPictures: '{{number}} without',
  },
  failure: {
    HUB_UNREACHABLE:
      'The server has no way to the hub. Check its network; behind a proxy set HTTPS_PROXY, for a mirror MODEL_HUB. Without a network, bring a file.',
    DOWNLOAD_FAILED:
      'The download broke off or was refused. What is here is kept: try again, and it goes on from there.',
    MODEL_MISMATCH:
      'What was downloaded is not what the hub had announced; it was thrown away and nothing has changed. Try again; if it stays, something between changes files.',
    MODEL_MISMATCH_UPLOAD:
      'This is no file that a model can be made of, or it is damaged. Take the weights of DINOv2 (model.safetensors) or an ONNX export, whole, and send them again.',
    STORAGE_FULL: 'The disk of the server is full. Make room, then go on: what is here is kept.',
    STORAGE_FAILED: 'The server cannot write into its folders. Look at their rights, then try again.',
    SHUTTING_DOWN: 'The server was stopped meanwhile. Go on when it is back.',
    OTHER:
      'It failed, and nothing has changed. The log of the server says why; with the administrator’s token this page says more.',
    PINNED:
      'The model of this server is fixed by its setting MODEL. Set MODEL=auto and start it again, then it can be changed here.',
    details: 'What the server says',
  },
  hint: {
    label: 'About the model',
    text: 'The built-in model finds copies and looks, seldom the same things.',
    get: 'Get DINOv2',
    getSize: 'Get DINOv2 ({{size}})',
    file: 'No network? Bring a file',
    dismiss: 'Do not show this again',
  },
  link: 'Choose another model …',
} as const;
