import io.github.slurmmaven.plugin.EngineContents

def log = new File(basedir, 'build.log').text

assert log.contains('Cluster it-killed is ready')
assert !log.contains('Still alive.')
// Without containers, a supervisor has removed it at once.
assert basedir.parentFile.name == 'it-embedded' || log.contains("Removed cluster it-killed, which a killed build has left in ${basedir}/.slurm-cluster/it-killed")
assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()
