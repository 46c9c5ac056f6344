import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Cluster it-killed is ready')
assert !log.contains('Still alive.')
// A supervisor has removed it at once, or the next start on this machine, which may be another test's.
assert EngineContents.below(basedir) == []
// The directory that held the cluster's may be left, and is empty.
assert !new File(basedir, '.slurm-cluster').list()
