import io.github.slurmmaven.plugin.EngineContents

def contents = EngineContents.below(basedir)

assert !contents.any { it =~ /^(RUNNING container|process) / }
// Without containers, its state is in its directory.
assert basedir.parentFile.name == 'it-embedded' || contents.any { it.startsWith('volume') }
