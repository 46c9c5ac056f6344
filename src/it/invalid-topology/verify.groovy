def log = new File(basedir, 'build.log').text
def errors = log.readLines().findAll { it.contains('Failed to execute goal') }

def expected = [
    "configuration: nodes[1].name: 'a' is there twice: use it once",
    "configuration: partitions[0].nodes: 'ghost' is not a node of this cluster: use slurm",
    'configuration: partitions has 0 of a partition with default: true: exactly one is needed',
    'configuration: nodes is empty: at least one is needed',
    "configuration: nodes[0].memory: '-512' is too small: use 128 MB or more",
    "<nodes><node><memory>: '4g' is not a whole number: use megabytes, for example 4096",
    "configuration: mounts[0].source: 'no/such/path' does not exist on this machine (" + new File(basedir, 'no/such/path'),
    new File(basedir, 'typo.yaml').toString() + ', line 5, column 5: nodes[0].memry is not known here: use one of cpus, gpu_type, gpus, memory, name, options, partitions, role',
    new File(basedir, 'contradiction.yaml').toString() + ", line 6, column 5: partitions[0].nodes: 'b' is not a node of this cluster: use a",
    "<cpuNodes> (-Dslurm.cpuNodes): '0' leaves no node that runs jobs",
    "<gpusPerNode> (-Dslurm.gpusPerNode): '2' needs a node with GPUs: set gpuNodes, or use the preset gpu or full",
    "<definition> (-Dslurm.definition): '" + new File(basedir, 'missing.yaml') + "' does not exist",
    "configuration: packages[0]: 'Make' is not the name of a Debian package",
]

assert errors.size() == expected.size()
[errors, expected].transpose().each { error, words -> assert error.contains(words) }
assert !(log =~ /(?m)^\s+at [\w.$]+\(/)
assert !new File(basedir, '.slurm-cluster').exists()
