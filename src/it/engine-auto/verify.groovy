import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('No container engine can be reached: the cluster\'s processes run on this machine (engine=embedded)')
assert log =~ /Cluster it-engine-auto is ready after /
assert log.readLines().any { it.endsWith('debug') }
assert log.contains('Cluster it-engine-auto destroyed')
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
