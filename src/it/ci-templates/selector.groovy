// scripts/test-long.sh sets the variable. What is mounted into the containers is where Linux has it, and the engine is the
// one of this very socket. The templates choose their backends themselves, so once is enough.
return basedir.parentFile.name != 'it-embedded' &&
    System.getenv('TEST_CI_TEMPLATES') && System.getProperty('os.name') == 'Linux' &&
    new File('/var/run/docker.sock').exists() && !System.getenv('DOCKER_HOST') && !System.getenv('DOCKER_CONTEXT')
