def log = new File(basedir, 'build.log').text
def errors = log.readLines().findAll { it.contains('Failed to execute goal') }

def expected = [
    [/<preset> \(-Dslurm\.preset\): 'huge' /, /\bcpu\b/],
    [/<memoryPerNode> \(-Dslurm\.memoryPerNode\): '0' /, /\d+ /],
    [/<port> \(-Dslurm\.port\): '70000' /, /65535/],
    [/<port> \(-Dslurm\.port\): 'abc' is not a whole number/, /65535/],
    [/<name> \(-Dslurm\.name\): 'a\/b' /, /letters/],
    [/<slurmVersion> \(-Dslurm\.slurmVersion\): '19\.05' /, /24\.11/],
    [/<cpusPerNode> \(-Dslurm\.cpusPerNode\): '-1' /, /\b1\b/],
    [/<timeout> \(-Dslurm\.timeout\): 'soon' is not a whole number/, /seconds/],
]

assert errors.size() == expected.size()
[errors, expected].transpose().each { error, patterns ->
  patterns.each { assert error =~ it }
}
assert !(log =~ /(?m)^\s+at [\w.$]+\(/)
assert !new File(basedir, '.slurm-cluster').exists()
assert !new File(basedir, 'a').exists()
