import io.github.slurmmaven.plugin.EngineContents

assert EngineContents.below(basedir).any { it =~ /^(RUNNING container|process) / }
