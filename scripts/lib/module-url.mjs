const here = import.meta.url;
const root = here.slice(0, here.lastIndexOf('/build/') + '/build/'.length);

/** Stands for `import.meta.url` in a bundle (bundle.mjs): the address of the module as if it were a file of its own. */
export const moduleUrl = (path) => root + path;
