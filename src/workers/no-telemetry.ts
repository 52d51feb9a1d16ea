/**
 * ONNX Runtime's official builds send usage data to their makers (since 1.24 also on Linux) unless this is set before the
 * library is loaded, in the main thread of the process (other threads have only a copy of the environment). Likeness
 * promises that nothing leaves the machine, so import this module before the runtime. `ORT_TELEMETRY_DISABLED` is the
 * newer name of the same switch.
 */
/* eslint-disable no-restricted-properties -- there is no other way to tell the runtime */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
process.env['ORT_TELEMETRY_DISABLED'] = '1';
