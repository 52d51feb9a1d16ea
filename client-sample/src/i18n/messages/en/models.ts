export const models = {
  progress: {
    pull: 'Download of {{name}}',
    switch: 'Change to {{name}}',
    waiting: 'Waiting',
    starting: 'Starting …',
    DOWNLOADING: 'Downloading',
    CHECKING: 'Checking',
    CALIBRATING: 'Looking at pictures',
    CONVERTING: 'Converting',
    DONE: 'Installed',
    bytes: '{{done}} of {{total}}',
    speed: '{{size}} a second',
    filling: 'Pictures are getting their vectors: {{done}} of {{total}}',
    failedPictures: '{{number}} without',
  },
  failure: {
    HUB_UNREACHABLE:
      'The server cannot reach the hub. Check its network; behind a proxy set HTTPS_PROXY, for a mirror MODEL_HUB. Without a network, bring a file.',
    DOWNLOAD_FAILED:
      'The download broke off or was refused. What is here is kept: try again, and it continues from there.',
    MODEL_MISMATCH:
      'The download is not what the hub announced; it was discarded and nothing has changed. Try again; if this keeps happening, something on the way alters files.',
    MODEL_MISMATCH_UPLOAD:
      'No model can be made from this file, or it is damaged. Choose the complete weights of DINOv2 (model.safetensors) or an ONNX export, and send them again.',
    STORAGE_FULL: 'The server’s disk is full. Make room, then continue: what is here is kept.',
    STORAGE_FAILED: 'The server cannot write to its folders. Check their permissions, then try again.',
    SHUTTING_DOWN: 'The server was stopped meanwhile. Continue when it is back.',
    OTHER:
      'It failed, and nothing has changed. The server’s log says why; with the administrator’s token this page says more.',
    PINNED:
      'The model of this server is fixed by its setting MODEL. Set MODEL=auto and restart the server; then it can be changed here.',
    details: 'What the server says',
  },
  hint: {
    label: 'About the model',
    text: 'The built-in model finds copies and similar looks, but seldom the same things.',
    get: 'Get DINOv2',
    getSize: 'Get DINOv2 ({{size}})',
    file: 'No network? Bring a file',
    dismiss: 'Do not show this again',
  },
  link: 'Choose another model …',
} as const;
