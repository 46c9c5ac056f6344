import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Cluster it-signal is ready')
assert !log.contains('Still alive.')
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
