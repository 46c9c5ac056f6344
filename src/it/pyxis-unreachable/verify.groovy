def log = new File(basedir, 'build.log').text
def errors = log.readLines().findAll { it.contains('Failed to execute goal') }

def expected = [
    'Jobs in containers need ',
    "<enrootSha256> (-Dslurm.enrootSha256): 'abc' is not a SHA-256 digest",
    "<images> (-Dslurm.images): 'gone.tar' does not exist on this machine (" + new File(basedir, 'gone.tar'),
    "There is no cluster 'it-pyxis-unreachable'",
]
assert errors.size() == expected.size()
[errors, expected].transpose().each { error, words -> assert error.contains(words) }
assert errors[0].contains('which could not be fetched from http://127.0.0.1:9/')
assert errors[0].contains('the server cannot be reached. Name a mirror or a file of it with -Dslurm.')
assert errors[0].contains('-Dslurm.image; -Dslurm.withPyxis=false makes a cluster without.')
assert !(log =~ /(?m)^\s+at [\w.$]+\(/)
assert !new File(basedir, '.slurm-cluster/it-pyxis-unreachable').exists()
