import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Cluster it-started-by-hand was started by hand: this build uses it and leaves it running (mvn slurm:destroy removes it)')
assert log.contains('Cluster it-started-by-hand was started by hand: left as it is (mvn slurm:destroy removes it)')
assert log =~ /was started by hand, and this build cannot use it: cpusPerNode: '3' is not what the existing cluster has \(4\)/
assert log.count('persons:PENDING:left') == 1

// By the person, and by the last build, which had to start one of its own.
assert (log =~ /Cluster it-started-by-hand destroyed in /).size() == 2
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
