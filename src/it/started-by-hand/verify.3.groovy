import io.github.slurmmaven.plugin.EngineContents

assert EngineContents.below(basedir).any { it =~ /^(RUNNING container|process) / }
assert new File(basedir, '.slurm-cluster/it-started-by-hand/connection.properties').exists()
