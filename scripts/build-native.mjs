console.log('postinstall', process.env.npm_config_node_gyp, process.env.npm_config_nodedir);
