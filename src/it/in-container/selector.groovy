// What is mounted into the container is where Linux has it, and the engine is the one of this very socket.
return System.getProperty('os.name') == 'Linux' && new File('/var/run/docker.sock').exists() &&
    !System.getenv('DOCKER_HOST') && !System.getenv('DOCKER_CONTEXT')
