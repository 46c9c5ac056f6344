def log = new File(basedir, 'build.log').text
def error = log.readLines().find { it.contains('Failed to execute goal') }

assert error.contains(':start (default-cli)')
assert error.contains('unix:///nowhere/docker.sock')
assert error.contains('DOCKER_HOST')
assert !(log =~ /(?m)^\s+at [\w.$]+\(/)
assert new File(basedir, '.slurm-cluster').list() == ['it-rendered'] as String[]
assert new File(basedir, '.slurm-cluster/it-rendered/config/gres.conf').text.contains('Name=gpu')
